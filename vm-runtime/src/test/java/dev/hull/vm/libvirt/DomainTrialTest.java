package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.acceleration.DomainTrial;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.Hypervisor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The acceleration probe's boot on a real QEMU; by translation, which is everywhere. */
@Tag("machine")
final class DomainTrialTest {
  @TempDir Path folder;

  @Test
  void theGuestsKernelReachesUserspaceAndOneThatIsTooSlowIsStopped() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path kernel = Path.of(System.getenv("HULL_GUEST_IMAGE"), "vmlinux");
    try (Hypervisor hypervisor =
        LibvirtHypervisor.open(LibvirtConfig.embedded(LibvirtTestRoot.path()))) {
      DomainTrial trial = new DomainTrial(hypervisor, folder, kernel, new Random());
      trial.boot(Acceleration.TCG, Duration.ofSeconds(60));
      assertThatThrownBy(() -> trial.boot(Acceleration.TCG, Duration.ofMillis(100)))
          .isInstanceOfSatisfying(
              MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DEADLINE));
      assertThat(hypervisor.list()).isEmpty();
    }
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }
}
