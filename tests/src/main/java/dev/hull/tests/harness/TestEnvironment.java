package dev.hull.tests.harness;

import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code ./hull test} hands to the tests. Without it they fail, and say how to run them. */
public final class TestEnvironment {
  private TestEnvironment() {}

  /** The folder of the guest image. */
  public static Path guestImage() {
    return folder("HULL_GUEST_IMAGE");
  }

  /** The OCI layout with the sample images. */
  public static Path samples() {
    return folder("HULL_SAMPLES");
  }

  private static Path folder(String variable) {
    String value = System.getenv(variable);
    if (value == null || !Files.isDirectory(Path.of(value))) {
      throw new IllegalStateException(
          variable + " names no folder (" + value + "); run the tests by ./hull test");
    }
    return Path.of(value);
  }
}
