package dev.hull.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.Libvirtd;
import dev.hull.tests.harness.MachineProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same promises of a pod whose machine is a domain of a libvirtd. */
final class LibvirtdPodLifecycleTest extends PodLifecycle {
  @TempDir static Path libvirtFolder;

  private @Nullable Libvirtd libvirtd;

  @Override
  Daemon configure(Daemon daemon) throws IOException {
    Files.setPosixFilePermissions(libvirtFolder, PosixFilePermissions.fromString("rwxr-xr-x"));
    libvirtd = new Libvirtd(libvirtFolder).start();
    return daemon.hypervisor(libvirtd.uri());
  }

  @Override
  String step() {
    return "\"restore\"";
  }

  @Override
  void daemonHasEnded() {
    if (libvirtd != null) {
      libvirtd.close();
    }
  }

  /** Though this libvirtd would run it as root. */
  @Test
  void qemuRunsAsTheUserThatIsItsOwn() throws IOException {
    long qemu = MachineProcesses.of(pod().id()).qemu();
    assertThat(Files.getOwner(Path.of("/proc", Long.toString(qemu))).getName())
        .isEqualTo("hull-qemu");
  }
}
