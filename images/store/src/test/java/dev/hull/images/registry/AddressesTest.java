package dev.hull.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plain HTTP is for loopback and for what was configured; nobody is led there from elsewhere. */
class AddressesTest {
  private static final Set<String> CONFIGURED = Set.of("inner", "lab.example:5000");

  @ParameterizedTest
  @CsvSource({
    "localhost, true",
    "localhost:5000, true",
    "localhost:443, false",
    "a.localhost:80, true",
    "127.0.0.1:5000, true",
    "127.9.9.9, true",
    "[::1]:5000, true",
    "inner, true",
    "inner:8080, true",
    "lab.example:5000, true",
    "lab.example:5001, false",
    "lab.example, false",
    "ghcr.io, false",
    "10.0.0.1:5000, false",
    "127.0.0.1.example.com, false",
    "localhost.example.com, false",
  })
  void plainHttpIsForFew(String host, boolean plain) {
    assertThat(Addresses.speaksPlainHttp(host, CONFIGURED)).isEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io/v2/, https://cdn.example/x, true",
    "https://ghcr.io/v2/, http://cdn.example/x, false",
    "https://ghcr.io/v2/, http://inner/x, true",
    "https://ghcr.io/v2/, http://169.254.169.254/latest, false",
    "https://ghcr.io/v2/, http://127.0.0.1:8080/x, false",
    "https://ghcr.io/v2/, https://localhost/x, false",
    "https://ghcr.io/v2/, https://[::1]/x, false",
    "https://ghcr.io/v2/, https://user:pw@cdn.example/x, false",
    "https://ghcr.io/v2/, file:///etc/passwd, false",
    "https://ghcr.io/v2/, ftp://cdn.example/x, false",
    "http://localhost:5000/v2/, http://127.0.0.1:9000/x, true",
    "http://localhost:5000/v2/, http://cdn.example/x, false",
    "http://localhost:5000/v2/, https://cdn.example/x, true",
  })
  void aRegistryMayLeadOnlyToSafePlaces(URI from, URI to, boolean may) {
    assertThat(Addresses.mayLead(from, to, CONFIGURED)).isEqualTo(may);
  }
}
