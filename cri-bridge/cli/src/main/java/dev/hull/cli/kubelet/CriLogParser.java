package dev.hull.cli.kubelet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes CRI's log format apart: {@code 2026-01-01T00:00:00.000000000Z stdout F text}. Tag P means
 * that the line goes on in the next entry of the same stream. A line that is not in the format is
 * passed on as it is: nothing that a container said is lost.
 */
public final class CriLogParser {
  /** Longer lines are passed on in pieces of this size. */
  static final int MAX_LINE_BYTES = 1 << 20;

  private final Sink sink;
  private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final String[] times = {"", ""};

  public CriLogParser(Sink sink) {
    this.sink = sink;
  }

  /** Takes whole lines, without their line breaks. */
  @FunctionalInterface
  public interface Sink {
    void line(boolean stderr, byte[] line);

    /** The same, with the time at which it began, as the log has it; empty if it has none. */
    default void line(String time, boolean stderr, byte[] line) {
      line(stderr, line);
    }
  }

  /** Takes a piece of the file; it may begin and end anywhere. */
  public void feed(byte[] bytes, int length) {
    int from = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        raw.write(bytes, from, i - from);
        entry(raw.toByteArray());
        raw.reset();
        from = i + 1;
      }
    }
    raw.write(bytes, from, length - from);
    if (raw.size() > MAX_LINE_BYTES) {
      entry(raw.toByteArray());
      raw.reset();
    }
  }

  /** Passes on what had no end yet. */
  public void finish() {
    if (raw.size() > 0) {
      entry(raw.toByteArray());
      raw.reset();
    }
    flush(false);
    flush(true);
  }

  private void entry(byte[] line) {
    int stream = indexOfSpace(line, 0) + 1;
    int tags = stream == 0 ? 0 : indexOfSpace(line, stream) + 1;
    int text = tags == 0 ? 0 : indexOfSpace(line, tags) + 1;
    // An empty line may be written without the last space.
    int end = text == 0 ? line.length : text - 1;
    String name = tags == 0 ? "" : ascii(line, stream, tags - 1);
    boolean known = name.equals("stdout") || name.equals("stderr");
    if (!known) {
      sink.line("", false, line);
      return;
    }
    boolean isStderr = name.equals("stderr");
    ByteArrayOutputStream part = isStderr ? stderr : stdout;
    if (part.size() == 0) {
      times[isStderr ? 1 : 0] = ascii(line, 0, stream - 1);
    }
    if (text > 0) {
      part.write(line, text, line.length - text);
    }
    boolean partial = ascii(line, tags, end).split(":", -1)[0].equals("P");
    if (!partial) {
      sink.line(times[isStderr ? 1 : 0], isStderr, part.toByteArray());
      part.reset();
    } else if (part.size() > MAX_LINE_BYTES) {
      flush(isStderr);
    }
  }

  private void flush(boolean isStderr) {
    ByteArrayOutputStream part = isStderr ? stderr : stdout;
    if (part.size() > 0) {
      sink.line(times[isStderr ? 1 : 0], isStderr, part.toByteArray());
      part.reset();
    }
  }

  private static int indexOfSpace(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  private static String ascii(byte[] line, int from, int to) {
    return new String(Arrays.copyOfRange(line, from, to), StandardCharsets.US_ASCII);
  }
}
