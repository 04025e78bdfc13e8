package dev.hull.vm.hypervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The last part of what a guest wrote to its serial console. A guest may write without end: the
 * file is cut to its last quarter whenever it is full. Not thread-safe; one writer for a file.
 */
public final class ConsoleLog implements AutoCloseable {
  /** A log never grows beyond this. */
  public static final int MAX_BYTES = 256 * 1024;

  private static final int KEPT_BYTES = MAX_BYTES / 4;

  private final FileChannel file;
  private long size;

  /** Goes on with a log that is there already. */
  public ConsoleLog(Path path) {
    try {
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      size = file.size();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the console log " + path, e);
    }
  }

  /** Takes all that remains in {@code bytes}. */
  public void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (size >= MAX_BYTES) {
        cut();
      }
      ByteBuffer part =
          bytes.slice(bytes.position(), (int) Math.min(bytes.remaining(), MAX_BYTES - size));
      int taken = part.remaining();
      while (part.hasRemaining()) {
        size += file.write(part, size);
      }
      bytes.position(bytes.position() + taken);
    }
  }

  private void cut() throws IOException {
    ByteBuffer kept = ByteBuffer.allocate(KEPT_BYTES);
    long from = size - KEPT_BYTES;
    while (kept.hasRemaining() && file.read(kept, from + kept.position()) >= 0) {
      // Reads on.
    }
    kept.flip();
    file.truncate(0);
    size = 0;
    while (kept.hasRemaining()) {
      size += file.write(kept, size);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The last lines of a log, oldest first; none if there is no log. Control characters are taken
   * out, for a guest could steer the terminal of whoever reads them, and long lines are cut.
   */
  public static List<String> tail(Path log, int lines) {
    try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
      int wanted = (int) Math.min(file.size(), KEPT_BYTES);
      ByteBuffer bytes = ByteBuffer.allocate(wanted);
      long from = file.size() - wanted;
      while (bytes.hasRemaining() && file.read(bytes, from + bytes.position()) >= 0) {
        // Reads on.
      }
      List<String> all =
          new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
              .lines()
              .map(ConsoleLog::printable)
              .filter(line -> !line.isBlank())
              .toList();
      return all.subList(Math.max(0, all.size() - lines), all.size());
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the console log " + log, e);
    }
  }

  private static String printable(String line) {
    StringBuilder kept = new StringBuilder();
    line.replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "")
        .codePoints()
        .filter(c -> c == '\t' || !Character.isISOControl(c))
        .limit(512)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }
}
