package dev.hull.agent.channel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
final class VirtioPortTest {
  private final ForgetfulPort kernel = new ForgetfulPort();
  private final VirtioPort port = VirtioPort.open(kernel, "/dev/vport0p1");

  private CompletableFuture<String> reader() {
    CompletableFuture<String> read = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              byte[] buffer = new byte[16];
              try {
                read.complete(new String(buffer, 0, port.read(buffer, 0, 16), US_ASCII));
              } catch (Exception e) {
                read.completeExceptionally(e);
              }
            });
    await().until(() -> kernel.sleepers() == 1);
    return read;
  }

  private CompletableFuture<Void> writer(String text) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            port.write(text.getBytes(US_ASCII), 0, text.length());
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        Thread.ofPlatform().daemon()::start);
  }

  @Test
  void aWriterThatHasRoomTakesNothingFromTheReader() throws Exception {
    writer("hello").get(5, TimeUnit.SECONDS);
    assertThat(kernel.written()).isEqualTo("hello");
    assertThat(kernel.writersPolls()).isZero();
  }

  @Test
  void aWriterThatHadToWaitHasTheReaderLookAgain() throws Exception {
    kernel.room(2);
    CompletableFuture<String> read = reader();
    CompletableFuture<Void> written = writer("hello");
    await().until(() -> kernel.sleepers() == 2);
    kernel.arriveUnheard("unheard".getBytes(US_ASCII));
    assertThat(read).isNotDone();
    kernel.room(10);
    written.get(5, TimeUnit.SECONDS);
    assertThat(kernel.written()).isEqualTo("hello");
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo("unheard");
  }

  @Test
  void whatIsWrittenWithoutRoomAndWithoutAHostIsDropped() throws Exception {
    kernel.room(0);
    CompletableFuture<Void> written = writer("hello");
    await().until(() -> kernel.sleepers() == 1);
    kernel.hangUp();
    written.get(5, TimeUnit.SECONDS);
    assertThat(kernel.written()).isEmpty();
  }
}
