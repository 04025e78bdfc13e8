package dev.hull.cli.life;

import dev.hull.cli.kubelet.CriLogParser;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.pod.Container;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** What a container left behind when it ended. */
final class TerminationMessages {
  private static final int MOST_BYTES = 4096;
  private static final int MOST_LOG_BYTES = 2048;
  private static final int MOST_LOG_LINES = 80;

  private final PodFolder folder;
  private final Consumer<String> complaints;

  TerminationMessages(PodFolder folder, Consumer<String> complaints) {
    this.folder = folder;
    this.complaints = complaints;
  }

  /** Its last words, or the end of its log if it failed and wants that; empty for none. */
  String of(Container container, int attempt, int exitCode) {
    try {
      String said = file(folder.message(container.name(), attempt));
      if (said.isEmpty() && exitCode != 0 && container.terminationMessage().logsOnError()) {
        return log(folder.logs(container.name()).resolve(attempt + ".log"));
      }
      return said;
    } catch (IOException e) {
      complaints.accept(
          "cannot read the last words of container " + container.name() + ": " + e.getMessage());
      return "";
    }
  }

  private static String file(Path path) throws IOException {
    try (InputStream stream = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
      return new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static String log(Path path) throws IOException {
    if (!Files.exists(path)) {
      return "";
    }
    Deque<String> lines = new ArrayDeque<>();
    CriLogParser parser =
        new CriLogParser(
            (stderr, line) -> {
              lines.add(new String(line, StandardCharsets.UTF_8));
              if (lines.size() > MOST_LOG_LINES) {
                lines.removeFirst();
              }
            });
    ByteArrayOutputStream tail = new ByteArrayOutputStream();
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      // A line of the log has more in it than what was said: twice as much is enough, and bounded.
      file.seek(Math.max(0, file.length() - 4 * MOST_LOG_BYTES));
      if (file.getFilePointer() > 0) {
        file.readLine();
      }
      byte[] buffer = new byte[4 * MOST_LOG_BYTES];
      int read = file.read(buffer);
      tail.write(buffer, 0, Math.max(0, read));
    }
    parser.feed(tail.toByteArray(), tail.size());
    parser.finish();
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    int from = Math.max(0, text.length - MOST_LOG_BYTES);
    return new String(text, from, text.length - from, StandardCharsets.UTF_8);
  }
}
