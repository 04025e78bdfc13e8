package dev.hull.guestimage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KernelPackageTest {
  @Test
  void theMetaPackageNamesTheKernelAndItsVersion() {
    KernelPackage kernel =
        KernelPackage.parse(
            """
            Package: linux-image-cloud-amd64
            Version: 6.1.192-2
            Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)
            """);

    assertThat(kernel)
        .isEqualTo(new KernelPackage("linux-image-6.1.0-56-cloud-amd64", "6.1.192-2"));
    assertThat(kernel.release()).isEqualTo("6.1.0-56-cloud-amd64");
  }

  @Test
  void aPackageWithoutAKernelIsRefused() {
    assertThatThrownBy(() -> KernelPackage.parse("Depends: libc6 (>= 2.36)"))
        .hasMessageContaining("depends on no version of a kernel");
  }
}
