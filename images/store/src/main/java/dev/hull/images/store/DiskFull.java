package dev.hull.images.store;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a full disk from other trouble with files. */
final class DiskFull {
  private DiskFull() {}

  /**
   * What became of a write.
   *
   * @param what was being written
   * @param needed bytes at least
   */
  static ImageException explain(Path folder, String what, long needed, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new ImageException(Kind.UNAVAILABLE, "it was cancelled", e);
    }
    if (isFull(e, folder)) {
      return full(folder, what, needed, e);
    }
    return new ImageException(
        Kind.INTERNAL, "cannot write " + what + " in " + folder + ": " + reason(e), e);
  }

  static ImageException full(Path folder, String what, long needed, IOException e) {
    return new ImageException(Kind.EXHAUSTED, sentence(folder, what, needed), e);
  }

  static void check(Path folder, String what, long needed) {
    if (free(folder) < needed) {
      throw new ImageException(Kind.EXHAUSTED, sentence(folder, what, needed));
    }
  }

  private static String sentence(Path folder, String what, long needed) {
    return "the disk is full: "
        + folder
        + " has "
        + free(folder)
        + " bytes free, and "
        + what
        + " needs at least "
        + needed
        + "; remove images or make room";
  }

  static boolean isFull(IOException e, Path folder) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (message.contains("No space left on device") || message.contains("quota exceeded")) {
        return true;
      }
    }
    // The system's words come in the user's language; the numbers do not.
    return free(folder) < 4096;
  }

  private static long free(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
