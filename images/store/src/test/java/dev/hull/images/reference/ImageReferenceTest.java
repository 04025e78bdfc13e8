package dev.hull.images.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** References mean what Docker's users expect. */
class ImageReferenceTest {
  private static final String DIGEST =
      "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @CsvSource({
    "nginx, docker.io/library/nginx:latest",
    "nginx:1.25, docker.io/library/nginx:1.25",
    "library/nginx, docker.io/library/nginx:latest",
    "docker.io/nginx, docker.io/library/nginx:latest",
    "index.docker.io/library/nginx, docker.io/library/nginx:latest",
    "owner/name, docker.io/owner/name:latest",
    "a/b/c, docker.io/a/b/c:latest",
    "localhost/x, localhost/x:latest",
    "localhost:5000/x, localhost:5000/x:latest",
    "localhost:5000/x:y, localhost:5000/x:y",
    "127.0.0.1:5000/a/b, 127.0.0.1:5000/a/b:latest",
    "[::1]:5000/a, [::1]:5000/a:latest",
    "ghcr.io/a/b@DIGEST, ghcr.io/a/b@DIGEST",
    "ghcr.io/a/b:v1@DIGEST, ghcr.io/a/b@DIGEST",
    "nginx@DIGEST, docker.io/library/nginx@DIGEST",
    "GHCR.io/a/b, ghcr.io/a/b:latest",
    "a__b/c-d--e.f_g:T_a.g-1, docker.io/a__b/c-d--e.f_g:T_a.g-1",
  })
  void isCompleted(String written, String complete) {
    ImageReference reference = ImageReference.parse(written.replace("DIGEST", DIGEST));
    assertThat(reference).hasToString(complete.replace("DIGEST", DIGEST));
    assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
  }

  @ParameterizedTest
  @CsvSource({
    "'', it is empty",
    "https://ghcr.io/a, it has a scheme",
    "Nginx, its repository has upper-case",
    "Host/x, its repository has upper-case",
    "a/Nginx:1, upper-case",
    "nginx:, its tag is not",
    "nginx:-x, its tag is not",
    "nginx:a b, its tag is not",
    "nginx@sha256:abc, what follows '@' is not sha256:",
    "nginx@sha512:abc, what follows '@' is not sha256:",
    "nginx@a@b, what follows '@'",
    "ghcr.io/, names no repository",
    "a//b, is not lower-case letters",
    "/a, is not lower-case letters",
    "../etc, is not a host name",
    "ghcr.io/../etc, is not lower-case letters",
    "a..b, is not lower-case letters",
    "-a.b/c, is not a host name",
    "a.b:port/c, is not a host name",
    "user@host.io/c, what follows '@'",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, are an image id",
  })
  void isRefusedWithTheReason(String written, String reason) {
    assertThatThrownBy(() -> ImageReference.parse(written))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("is not an image reference")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"200, true", "250, false", "100000, false"})
  void isBoundedInLength(int length, boolean good) {
    String written = "a".repeat(length);
    if (good) {
      assertThat(ImageReference.parse(written).repository()).isEqualTo("library/" + written);
    } else {
      assertThatThrownBy(() -> ImageReference.parse(written)).hasMessageContaining("longer than");
    }
  }
}
