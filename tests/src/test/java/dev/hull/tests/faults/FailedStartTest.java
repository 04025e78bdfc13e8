package dev.hull.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestEnvironment;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
@Timeout(240)
final class FailedStartTest {
  @TempDir private Path folder;

  @Test
  void aGuestThatDoesNotComeUpSaysItsLastWordsAndLeavesNothing() throws IOException {
    try (Daemon daemon = new Daemon(folder, imageWithoutRoot()).start()) {
      List<Path> folders = List.of(daemon.root().resolve("machines"));
      HostState before = HostState.now(folders);
      Throwable failure = catchThrowable(() -> TestPod.run(daemon, folder.resolve("logs")));
      assertThat(failure)
          .as("the first stage's last line")
          .hasMessageContaining("hull-init: cannot");
      assertThat(HostState.now(folders).since(before)).isEmpty();
      assertThat(
              daemon
                  .cri()
                  .runtime()
                  .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                  .getItemsList())
          .isEmpty();
    }
  }

  @Test
  void aMachineThatDoesNotFitTheHostIsRefusedWithTheNumbers() {
    try (Daemon daemon = new Daemon(folder).start()) {
      PodSandboxConfig config =
          TestPod.config(folder.resolve("logs")).toBuilder()
              .setLinux(
                  LinuxPodSandboxConfig.newBuilder()
                      .setResources(
                          LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1L << 42)))
              .build();
      assertThat(catchThrowable(() -> TestPod.run(daemon, config)))
          .hasMessageContaining("RESOURCE_EXHAUSTED")
          .hasMessageContaining("MiB");
    }
  }

  /** The guest image, but with a root disk that is none. */
  private Path imageWithoutRoot() throws IOException {
    Path good = TestEnvironment.guestImage();
    Path bad = Files.createDirectory(folder.resolve("bad-image"));
    for (String file : List.of("vmlinux", "initramfs", "guest-image.properties")) {
      Files.copy(good.resolve(file), bad.resolve(file));
    }
    Files.write(bad.resolve("root.erofs"), new byte[1 << 20]);
    Files.setPosixFilePermissions(bad, PosixFilePermissions.fromString("rwxr-xr-x"));
    return bad;
  }
}
