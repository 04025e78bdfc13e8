package dev.hull.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.agent.process.NativePrograms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native calls, against this machine's kernel. */
final class LinuxTest {
  private final Linux linux = Linux.through(new Libc(NativePrograms.library()));

  @TempDir private Path folder;

  @Test
  void aRefusedCallNamesTheCallItsSubjectAndTheError() {
    assertThatThrownBy(() -> linux.descriptors().open("/does/not/exist", 0, 0))
        .isInstanceOf(LinuxException.class)
        .hasMessage("open /does/not/exist: ENOENT, no such file or directory (2)")
        .extracting(e -> ((LinuxException) e).errno())
        .isEqualTo(Errno.ENOENT);
  }

  @Test
  void whatIsWrittenToAFileIsReadBackAndThenItEnds() throws Exception {
    String file = folder.resolve("ünïcode").toString();
    byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
    int out = linux.descriptors().open(file, Descriptors.WRITE_ONLY | Descriptors.CREATE, 0600);
    assertThat(linux.descriptors().write(out, text, 1, 4)).isEqualTo(4);
    linux.descriptors().close(out);

    int in = linux.descriptors().open(file, Descriptors.READ_ONLY, 0);
    byte[] buffer = new byte[8];
    assertThat(linux.descriptors().read(in, buffer, 2, 6)).isEqualTo(4);
    assertThat(linux.descriptors().read(in, buffer, 0, 8)).isZero();
    linux.descriptors().close(in);

    assertThat(new String(buffer, 2, 4, StandardCharsets.UTF_8)).isEqualTo("ello");
    assertThat(Files.size(Path.of(file))).isEqualTo(4);
  }

  @Test
  void muchGoesAndComesInPartsEachOfItsOwnBytes() throws Exception {
    Path file = folder.resolve("much");
    byte[] much = new byte[150_000];
    new Random(1).nextBytes(much);
    int out =
        linux
            .descriptors()
            .open(file.toString(), Descriptors.WRITE_ONLY | Descriptors.CREATE, 0600);
    int sent = 0;
    while (sent < much.length) {
      sent += linux.descriptors().write(out, much, sent, much.length - sent);
    }
    linux.descriptors().close(out);
    assertThat(Files.readAllBytes(file)).isEqualTo(much);

    int in = linux.descriptors().open(file.toString(), Descriptors.READ_ONLY, 0);
    byte[] back = new byte[much.length];
    int came = 0;
    while (came < back.length) {
      came += linux.descriptors().read(in, back, came, back.length - came);
    }
    linux.descriptors().close(in);
    assertThat(back).isEqualTo(much);
  }

  @Test
  void pollTellsWhichDescriptorsAreReadyAndLeavesNegativeOnesOut() {
    int zero = linux.descriptors().open("/dev/zero", Descriptors.READ_ONLY, 0);
    short in = Descriptors.POLL_IN;
    assertThat(linux.descriptors().poll(new int[] {-1, zero}, new short[] {in, in}, 0))
        .containsExactly((short) 0, in);
    linux.descriptors().close(zero);
  }

  @Test
  void aWatchTellsOfEachChangeOnce() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    int fd = linux.descriptors().open(pipe.toString(), Descriptors.READ_WRITE, 0);
    int watch = linux.descriptors().watch(fd);
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    Thread waiter =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  linux.descriptors().awaitChange(watch, -1);
                  first.countDown();
                  linux.descriptors().awaitChange(watch, -1);
                  second.countDown();
                });
    assertThat(first.await(10, TimeUnit.SECONDS)).as("the state at the beginning").isTrue();
    assertThat(second.await(50, TimeUnit.MILLISECONDS)).as("nothing has changed").isFalse();
    linux.descriptors().write(fd, new byte[1], 0, 1);
    assertThat(second.await(10, TimeUnit.SECONDS)).as("there is a byte").isTrue();
    waiter.join();
    linux.descriptors().close(watch);
    linux.descriptors().close(fd);
  }

  @Test
  void aClosedDescriptorCannotBeClosedAgain() {
    assertThatThrownBy(() -> linux.descriptors().close(1_000_000)).hasMessageContaining("EBADF");
  }

  @Test
  void aPathWithANulIsRefusedBeforeTheKernelCutsIt() {
    assertThatThrownBy(() -> linux.descriptors().open("/etc\0/passwd", 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aHostnameLongerThanTheKernelTakesIsRefused() {
    assertThatThrownBy(() -> linux.hostname().set("x".repeat(65)))
        .hasMessage("a hostname has 1 to 64 bytes, this one has 65");
  }

  @Test
  void theBootClockRuns() {
    assertThat(linux.clock().bootMillis()).isPositive();
  }
}
