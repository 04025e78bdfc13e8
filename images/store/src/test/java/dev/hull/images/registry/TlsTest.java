package dev.hull.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import dev.hull.images.fake.TestCertificate;
import dev.hull.images.reference.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries with certificates that no authority of the JDK has signed. */
class TlsTest {
  @TempDir private static Path folder;
  private static TestCertificate own = none();
  private static TestCertificate other = none();
  private static TestCertificate elsewhere = none();

  private final SampleImage image = SampleImage.of(Form.GZIP, SampleImage.noise(1, 20_000));
  private FakeRegistry registry = new FakeRegistry(own.server());

  @SuppressWarnings("NullAway") // set before all tests
  private static TestCertificate none() {
    return null;
  }

  @BeforeAll
  static void certificates() {
    own = new TestCertificate(folder, "own", "ip:127.0.0.1");
    other = new TestCertificate(folder, "other", "ip:127.0.0.1");
    elsewhere = new TestCertificate(folder, "elsewhere", "dns:elsewhere.local");
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private String pulls(String asked, Map<String, List<X509Certificate>> authorities) {
    registry.push("team/app", "1", image);
    RegistryConfig config =
        new RegistryConfig(
            Map.of("hub.local", List.of(registry.host())),
            Set.of(),
            Map.of(),
            authorities,
            RegistryTest.QUICK);
    try (RegistryClient client = new RegistryClient(config)) {
      return client
          .open(ImageReference.parse(asked + "/team/app:1"), Credentials.NONE)
          .manifest("1")
          .digest()
          .value();
    }
  }

  private Map<String, List<X509Certificate>> believing(TestCertificate certificate) {
    return Map.of(registry.host(), Authorities.read(certificate.pem()));
  }

  @Test
  void aRegistryWhoseAuthorityIsGivenIsBelieved() {
    assertThat(pulls(registry.host(), believing(own))).isEqualTo(image.manifest().digest().value());
  }

  @Test
  void aMirrorWhoseAuthorityIsGivenIsBelieved() {
    assertThat(pulls("hub.local", believing(own))).isEqualTo(image.manifest().digest().value());
    assertThat(registry.asked()).isNotEmpty();
  }

  @Test
  void aCertificateThatIsNotTrustedIsSaidWithTheRemedy() {
    assertThatThrownBy(() -> pulls(registry.host(), believing(other)))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .hasMessageContaining(registry.host() + " cannot be reached: TLS fails")
        .hasMessageContaining("PKIX path")
        .hasMessageContaining("registry.ca.HOST in hull.yaml");
    assertThat(registry.asked()).isEmpty();
  }

  @Test
  void anAuthorityIsBelievedForItsHostAlone() {
    try (FakeRegistry second = new FakeRegistry(own.server())) {
      Map<String, List<X509Certificate>> authorities =
          Map.of(
              registry.host(),
              Authorities.read(own.pem()),
              second.host(),
              Authorities.read(other.pem()));
      assertThat(pulls(registry.host(), authorities)).isNotEmpty();
      assertThatThrownBy(() -> pulls(second.host(), authorities))
          .hasMessageContaining(second.host() + " cannot be reached: TLS fails");
    }
  }

  @Test
  void aCertificateForAnotherNameIsRefused() {
    registry.close();
    registry = new FakeRegistry(elsewhere.server());
    assertThatThrownBy(() -> pulls(registry.host(), believing(elsewhere)))
        .hasMessageContaining("TLS fails")
        .hasMessageContaining("127.0.0.1");
  }

  @Test
  void aFileMayHaveSeveralAuthorities() throws IOException {
    Path both = folder.resolve("both.pem");
    Files.writeString(both, Files.readString(other.pem()) + Files.readString(own.pem()));
    assertThat(pulls(registry.host(), Map.of(registry.host(), Authorities.read(both))))
        .isNotEmpty();
  }

  @Test
  void aFileWithoutCertificatesIsNamed() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    assertThatThrownBy(() -> Authorities.read(empty))
        .hasMessageContaining("there is no certificate in " + empty);
  }

  @Test
  void aHostIsSpokenToWithTlsOrWithoutIt() {
    assertThatThrownBy(
            () ->
                new RegistryConfig(
                    Map.of(),
                    Set.of(registry.host()),
                    Map.of(),
                    believing(own),
                    RegistryTest.QUICK))
        .hasMessageContaining(registry.host() + " has certificates");
  }
}
