package dev.hull.images.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the programs that images are checked with. */
final class Programs {
  private final Path scratch;

  Programs(Path scratch) {
    this.scratch = scratch;
  }

  /** Checks an image; a machine without erofs-utils fails the test. */
  void fsck(Path image) throws IOException {
    run("fsck.erofs", image.toString());
  }

  /** As {@link #fsck}, and reads all data into a new folder. */
  void extract(Path image, Path folder) throws IOException {
    run("fsck.erofs", "--extract=" + folder, image.toString());
  }

  String run(String... command) throws IOException {
    Result result = tryRun(command);
    if (result.status != 0) {
      throw new AssertionError(
          String.join(" ", command) + " ended with " + result.status + ":\n" + result.output);
    }
    return result.output;
  }

  record Result(int status, String output) {}

  Result tryRun(String... command) throws IOException {
    Path output = Files.createTempFile(scratch, "output-", "");
    Process process;
    try {
      process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(
          command[0] + " is missing; install the Debian package erofs-utils (or tar)", e);
    }
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError(String.join(" ", command) + " has not ended after 60 s");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
    return new Result(process.exitValue(), Files.readString(output));
  }
}
