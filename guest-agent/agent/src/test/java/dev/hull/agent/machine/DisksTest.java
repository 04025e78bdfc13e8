package dev.hull.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.guest.v1.DiskAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DisksTest {
  @TempDir private Path folder;

  @Test
  void waitsForADiskThatArrivesLater() throws Exception {
    Files.createDirectories(folder.resolve("dev"));
    Thread host =
        Thread.startVirtualThread(
            () -> {
              try {
                Files.createDirectories(folder.resolve("sys/bus/scsi/devices/0:0:0:3/block/sdd"));
                Files.createFile(folder.resolve("dev/sdd"));
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });

    Path device =
        new Disks(folder.resolve("sys"), folder.resolve("dev"))
            .await(new ScsiAddress(0, 0, 3), Duration.ofSeconds(10));

    host.join();
    assertThat(device).isEqualTo(folder.resolve("dev/sdd"));
  }

  @Test
  void aDiskThatDoesNotComeIsNamedWithTheDeadline() {
    assertThatThrownBy(
            () ->
                new Disks(folder.resolve("sys"), folder.resolve("dev"))
                    .await(new ScsiAddress(1, 0, 2), Duration.ofMillis(5)))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("no disk is at 1:0:0:2 after 5 ms");
  }

  @Test
  void anAddressBeyondTheBusIsRefused() {
    assertThatThrownBy(() -> ScsiAddress.from(DiskAddress.newBuilder().setUnit(-1).build()))
        .hasMessage("disk unit must be 0 to 16383, is 4294967295");
  }
}
