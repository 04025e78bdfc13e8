package dev.hull.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a folder like the kernel's, of a machine with two CPUs and 300 MiB: blocks are 128 MiB. */
final class GrowthTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final long MIB = 1L << 20;

  @TempDir private Path sys;
  private Path cpu;
  private Path memory;

  @BeforeEach
  void aMachine() throws IOException {
    cpu = Files.createDirectories(sys.resolve("devices/system/cpu"));
    memory = Files.createDirectories(sys.resolve("devices/system/memory"));
    Files.writeString(cpu.resolve("online"), "0-1\n");
    Files.writeString(cpu.resolve("present"), "0-1\n");
    Files.writeString(memory.resolve("block_size_bytes"), "8000000\n");
    for (int block = 0; block < 3; block++) {
      block(block, "online");
    }
  }

  private void block(int number, String state) throws IOException {
    Path block = Files.createDirectories(memory.resolve("memory" + number));
    Files.writeString(block.resolve("state"), state + "\n");
  }

  private Path comes(int number) throws IOException {
    Path online = Files.createDirectories(cpu.resolve("cpu" + number)).resolve("online");
    Files.writeString(online, "0\n");
    Files.writeString(cpu.resolve("present"), "0-" + number + "\n");
    return online;
  }

  private void await(int vcpus, long pluggedMib, Duration deadline) throws Exception {
    new Growth(sys).await(vcpus, 300 * MIB, pluggedMib * MIB, deadline);
  }

  @Test
  void aMachineThatHasAllIsLeftAlone() throws Exception {
    await(2, 0, SHORT);
    await(1, 0, SHORT);
  }

  @Test
  void cpusAreSwitchedOnAsManyAsAreWanted() throws Exception {
    Path third = comes(2);
    Path fourth = comes(3);
    await(3, 0, LONG);
    assertThat(third).hasContent("1");
    assertThat(fourth).hasContent("0");
  }

  @Test
  void whatTheKernelLeavesOfflineIsBroughtOnline() throws Exception {
    block(32, "offline");
    block(33, "online");
    await(2, 256, LONG);
    assertThat(memory.resolve("memory32/state")).hasContent("online");
  }

  @Test
  void whatArrivesLaterIsWaitedFor() throws Exception {
    Thread host =
        Thread.startVirtualThread(
            () -> {
              try {
                block(32, "going-online");
                comes(2);
                block(32, "online");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    await(3, 128, LONG);
    host.join();
    assertThat(cpu.resolve("cpu2/online")).hasContent("1");
  }

  @Test
  void whatDoesNotComeIsToldWithWhatIsThere() {
    assertThatThrownBy(() -> await(4, 128, SHORT))
        .isInstanceOf(TimeoutException.class)
        .hasMessage(
            "the guest has not come to 4 CPUs and 134217728 more bytes of memory after 20 ms;"
                + " CPUs 0-1 are online, of 0-1");
  }

  @Test
  void memoryOfTheBootIsNotTakenForMemoryThatCame() throws Exception {
    block(32, "online");
    await(2, 128, SHORT);
    assertThatThrownBy(() -> await(2, 256, SHORT)).isInstanceOf(TimeoutException.class);
  }
}
