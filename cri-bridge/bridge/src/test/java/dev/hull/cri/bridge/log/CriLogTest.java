package dev.hull.cri.bridge.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CriLogTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.000000006Z");
  private static final Clock CLOCK = Clock.fixed(AT.plusSeconds(1), ZoneOffset.UTC);
  private static final String HEAD = "2026-01-02T03:04:05.000000006Z stdout ";

  @TempDir Path folder;
  private LogPath path;
  private Path record;

  @BeforeEach
  void name() {
    path = LogPath.of(folder.resolve("logs").toString(), "web/0.log").orElseThrow();
    record = folder.resolve("record");
  }

  @Test
  void writesOneLineForEachLineOfEachStream() throws Exception {
    try (CriLog log = open()) {
      log.append(chunk(0, "one\ntwo\n"));
      log.append(new Chunk(8, true, bytes("bad\n"), AT));
    }
    assertThat(lines())
        .containsExactly(
            HEAD + "F one", HEAD + "F two", "2026-01-02T03:04:05.000000006Z stderr F bad");
  }

  @Test
  void whatHasNoLineEndIsKeptAtOnceAndEndedAtTheEnd() throws Exception {
    try (CriLog log = open()) {
      log.append(chunk(0, "prompt> "));
      assertThat(lines()).containsExactly(HEAD + "P prompt> ");
      log.append(chunk(8, "yes\nmore"));
      log.finish();
      log.finish();
    }
    assertThat(lines())
        .containsExactly(
            HEAD + "P prompt> ",
            HEAD + "F yes",
            HEAD + "P more",
            "2026-01-02T03:04:06.000000006Z stdout F ");
  }

  @Test
  void linesLongerThanSixteenKibAreSplitAndExactlySixteenAreNot() throws Exception {
    String exact = "x".repeat(CriLines.PIECE_BYTES);
    try (CriLog log = open()) {
      log.append(chunk(0, exact + "\n"));
      log.append(chunk(exact.length() + 1, exact + "y\n"));
    }
    assertThat(lines()).containsExactly(HEAD + "F " + exact, HEAD + "P " + exact, HEAD + "F y");
  }

  @Test
  void anyBytesComeBackAsTheyWere() throws Exception {
    byte[] all = new byte[255];
    for (int i = 0, value = 0; i < all.length; value++) {
      if (value != '\n') {
        all[i++] = (byte) value;
      }
    }
    try (CriLog log = open()) {
      log.append(new Chunk(0, false, ByteBuffer.wrap(all), AT));
    }
    byte[] written = Files.readAllBytes(path.file());
    int head = (HEAD + "P ").length();
    assertThat(ByteBuffer.wrap(written, head, all.length)).isEqualTo(ByteBuffer.wrap(all));
  }

  @Test
  void aGuestCannotWriteIntoTheFuture() throws Exception {
    try (CriLog log = open()) {
      log.append(new Chunk(0, false, bytes("x\n"), Instant.parse("+99999-01-01T00:00:00Z")));
    }
    assertThat(lines()).containsExactly("2026-01-02T03:04:06.000000006Z stdout F x");
  }

  @Test
  void killedAtAnyByteOfAnAppendEveryByteIsThereOnce() throws Exception {
    String whole = HEAD + "F one\n" + HEAD + "F two\n" + HEAD + "P tail\n";
    int first = (HEAD + "F one\n").length();
    for (int cut = first; cut <= whole.length(); cut++) {
      Files.deleteIfExists(record);
      Files.deleteIfExists(path.file());
      try (CriLog log = open()) {
        log.append(chunk(0, "one\n"));
        log.append(chunk(4, "two\ntail"));
      }
      // As a kill leaves it that came when this much of the second append had been written.
      try (var file = FileChannel.open(path.file(), StandardOpenOption.WRITE)) {
        file.truncate(cut);
      }
      try (CriLog log = open()) {
        assertThat(log.offset()).as("cut at %d", cut).isEqualTo(cut == whole.length() ? 12 : 4);
        if (log.offset() == 4) {
          log.append(chunk(4, "two\ntail"));
        }
        log.append(chunk(12, " end\n"));
      }
      assertThat(Files.readString(path.file()))
          .as("cut at %d", cut)
          .isEqualTo(whole + HEAD + "F  end\n");
    }
  }

  @Test
  void aRecordThatWasCutOffLeavesTheOneBeforeIt() throws Exception {
    try (CriLog log = open()) {
      log.append(chunk(0, "one\n"));
      log.append(chunk(4, "two\n"));
    }
    byte[] good = Files.readAllBytes(record);
    // The third record goes to the second slot; any prefix of it may be there.
    for (int cut = 1; cut < WriteAhead.SLOT_BYTES; cut++) {
      byte[] torn = good.clone();
      for (int i = 0; i < cut; i++) {
        torn[WriteAhead.SLOT_BYTES + i] ^= 0x5a;
      }
      Files.write(record, torn);
      try (CriLog log = open()) {
        assertThat(log.offset()).isEqualTo(8);
      }
    }
  }

  @Test
  void outputThatIsGivenAgainIsNotWrittenAgain() throws Exception {
    try (CriLog log = open()) {
      log.append(chunk(0, "one\ntwo\n"));
      log.append(chunk(0, "one\n"));
      log.append(chunk(4, "two\nthree\n"));
      assertThat(log.offset()).isEqualTo(14);
    }
    assertThat(lines()).containsExactly(HEAD + "F one", HEAD + "F two", HEAD + "F three");
  }

  @Test
  void goesOnInANewFileAfterARotation() throws Exception {
    Path old = path.file().resolveSibling("0.log.20260102");
    try (CriLog log = open()) {
      log.append(chunk(0, "one\n"));
      Files.move(path.file(), old);
      log.append(chunk(4, "two\n"));
      log.reopen();
      assertThat(path.file()).isEmptyFile();
      log.append(chunk(8, "three\n"));
    }
    assertThat(Files.readAllLines(old)).containsExactly(HEAD + "F one", HEAD + "F two");
    assertThat(lines()).containsExactly(HEAD + "F three");
  }

  @Test
  void killedAfterARotationNothingIsWrittenTwice() throws Exception {
    Path old = path.file().resolveSibling("0.log.20260102");
    try (CriLog log = open()) {
      log.append(chunk(0, "one\n"));
      Files.move(path.file(), old);
      log.append(chunk(4, "two\n"));
    }
    try (CriLog log = open()) {
      assertThat(log.offset()).isEqualTo(8);
      log.append(chunk(8, "three\n"));
    }
    assertThat(Files.readAllLines(old)).containsExactly(HEAD + "F one", HEAD + "F two");
    assertThat(lines()).containsExactly(HEAD + "F three");
  }

  @Test
  void aReopenThatFailsLeavesTheOldFileInUse() throws Exception {
    try (CriLog log = open()) {
      Path old = path.file().resolveSibling("0.log.20260102");
      Files.move(path.file(), old);
      Files.createDirectory(path.file());
      assertThatThrownBy(log::reopen).isInstanceOf(IOException.class);
      log.append(chunk(0, "one\n"));
      assertThat(Files.readAllLines(old)).containsExactly(HEAD + "F one");
    }
  }

  @Test
  void theFileIsNotForEverybody() throws Exception {
    open().close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.file())))
        .isEqualTo("rw-r-----");
  }

  @Test
  void linksBelowTheLogFolderAreNotFollowed() throws Exception {
    Path elsewhere = Files.createFile(folder.resolve("elsewhere"));
    Files.createDirectories(path.file().getParent());
    Files.createSymbolicLink(path.file(), elsewhere);
    assertThatThrownBy(this::open).hasMessageContaining("is not a regular file");
    Files.delete(path.file());
    Files.delete(path.file().getParent());
    Files.createSymbolicLink(path.file().getParent(), folder);
    assertThatThrownBy(this::open).hasMessageContaining("is not a folder");
    assertThat(elsewhere).isEmptyFile();
  }

  @Test
  void pathsThatLeaveTheFolderAreRefused() {
    assertThatThrownBy(() -> LogPath.of("logs", "0.log"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("config.log_directory must be an absolute path");
    for (String bad : List.of("../0.log", "a/../../b", "/0.log", "./0.log")) {
      assertThatThrownBy(() -> LogPath.of("/logs", bad))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("config.log_path must");
    }
    assertThat(LogPath.of("", "0.log")).isEmpty();
    assertThat(LogPath.of("/logs", "")).isEmpty();
  }

  private CriLog open() throws IOException {
    return CriLog.open(path, record, CLOCK);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(path.file());
  }

  private static Chunk chunk(long offset, String text) {
    return new Chunk(offset, false, bytes(text), AT);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
