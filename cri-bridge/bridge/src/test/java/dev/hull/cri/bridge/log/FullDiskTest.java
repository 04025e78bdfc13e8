package dev.hull.cri.bridge.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A log on a disk that becomes full, and has room again. */
final class FullDiskTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> daemonLog = new ListAppender<>();
  private Instant now = START;
  private Disk disk;
  private PatientSink log;

  @BeforeEach
  void open() throws IOException {
    LogPath path = LogPath.of(folder.resolve("logs").toString(), "0.log").orElseThrow();
    CriLog file = CriLog.open(path, folder.resolve("record"), Clock.fixed(START, ZoneOffset.UTC));
    disk = new Disk(file);
    log = new PatientSink(disk, "c1", PATIENCE, () -> now);
    daemonLog.start();
    logger().addAppender(daemonLog);
  }

  @AfterEach
  void close() {
    log.close();
    logger().detachAppender(daemonLog);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(PatientSink.class);
  }

  @Test
  void aShortFullnessLosesNothingAndIsSaidOnce() throws IOException {
    log.append(chunk("one\n"));
    disk.full = true;
    Chunk waits = chunk("two\n");
    for (int second = 0; second < PATIENCE.toSeconds(); second++) {
      assertThatThrownBy(() -> log.append(waits)).hasMessage("No space left on device");
      now = now.plusSeconds(1);
    }
    disk.full = false;
    log.append(waits);

    assertThat(lines()).containsExactly("F one", "F two");
    assertThat(said())
        .containsExactly(
            "cannot write the log: No space left on device; output waits in the machine for 10 s and"
                + " is lost after that; make room",
            "the log can be written again");
    assertThat(lostBytes()).isEqualTo("0");
  }

  @Test
  void aLongOneLosesWhatComesMeanwhileSaysSoOnceAndGoesOnOnceThereIsRoom() throws IOException {
    log.append(chunk("one\nhalf a li"));
    disk.full = true;
    assertThatThrownBy(() -> log.append(chunk("ne\n"))).isInstanceOf(IOException.class);
    now = now.plus(PATIENCE);
    // Not one of these throws: the container writes on.
    log.append(chunk("ne\n"));
    for (int line = 0; line < 100; line++) {
      now = now.plusSeconds(1);
      log.append(chunk("lost\n"));
    }
    disk.full = false;
    log.append(chunk("two\n"));

    assertThat(lines()).containsExactly("F one", "P half a li", "F ", "F two");
    assertThat(said())
        .hasSize(3)
        .contains("output is being lost: the log cannot be written: No space left on device");
    assertThat(lostBytes()).isEqualTo(Integer.toString(3 + 100 * 5));
  }

  @Test
  void aSecondFullnessIsWaitedForAndSaidAnew() throws IOException {
    disk.full = true;
    assertThatThrownBy(() -> log.append(chunk("one\n"))).isInstanceOf(IOException.class);
    now = now.plus(PATIENCE);
    log.append(chunk("one\n"));
    disk.full = false;
    log.append(chunk("two\n"));

    disk.full = true;
    assertThatThrownBy(() -> log.append(chunk("three\n"))).isInstanceOf(IOException.class);
    disk.full = false;
    log.append(chunk("three\n"));

    assertThat(lines()).containsExactly("F two", "F three");
    assertThat(said()).hasSize(5);
  }

  @Test
  void aLogThatCannotBeEndedEndsAllTheSame() throws IOException {
    log.append(chunk("half"));
    disk.full = true;
    assertThatThrownBy(log::finish).isInstanceOf(IOException.class);
    now = now.plus(PATIENCE);
    log.finish();
  }

  @Test
  void aSuccessorGoesOnBehindWhatWasLost() throws IOException {
    log.append(chunk("one\n"));
    disk.full = true;
    assertThatThrownBy(() -> log.append(chunk("two\n"))).isInstanceOf(IOException.class);
    now = now.plus(PATIENCE);
    log.append(chunk("two\n"));
    log.close();

    open();
    assertThat(log.offset()).isEqualTo(8);
    log.append(chunk("three\n"));
    assertThat(lines()).containsExactly("F one", "F three");
  }

  /** The next bytes of output. */
  private Chunk chunk(String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    return new Chunk(log.offset(), false, bytes, START);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(folder.resolve("logs/0.log")).stream()
        .map(line -> line.split(" ", 3)[2])
        .toList();
  }

  private List<String> said() {
    return daemonLog.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private String lostBytes() {
    return daemonLog.list.getLast().getKeyValuePairs().stream()
        .filter(pair -> pair.key.equals("lost_bytes"))
        .map(pair -> String.valueOf(pair.value))
        .findFirst()
        .orElse("");
  }

  /** A log file that can be told that its disk is full. */
  private static final class Disk implements LogSink {
    private final LogSink file;
    private boolean full;

    Disk(LogSink file) {
      this.file = file;
    }

    private void demandRoom() throws IOException {
      if (full) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public long offset() {
      return file.offset();
    }

    @Override
    public void append(Chunk chunk) throws IOException {
      demandRoom();
      file.append(chunk);
    }

    @Override
    public void skip(Chunk chunk) throws IOException {
      file.skip(chunk);
    }

    @Override
    public void finish() throws IOException {
      demandRoom();
      file.finish();
    }

    @Override
    public void reopen() throws IOException {
      file.reopen();
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
