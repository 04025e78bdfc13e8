package dev.hull.images.store;

import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import java.nio.file.Path;

/** Pulls an image in a process that a test kills. */
final class KilledPull {
  private KilledPull() {}

  public static void main(String[] args) {
    try (ImageStore store = StoreFixture.open(Path.of(args[0]))) {
      store.pull(args[1], Credentials.NONE, Progress.SILENT);
    }
  }
}
