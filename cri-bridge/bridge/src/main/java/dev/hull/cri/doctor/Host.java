package dev.hull.cri.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the checks look at; a test gives its own findings. Nothing here throws or hangs. */
interface Host {
  int javaFeatureVersion();

  long effectiveUid();

  boolean isFile(Path path);

  boolean exists(Path path);

  boolean isExecutable(Path path);

  /** Where the command is on the PATH. */
  Optional<Path> find(String command);

  /** What it printed, to both streams, if it ended with 0 within a few seconds. */
  Optional<String> run(List<String> command);

  boolean userExists(String name);

  /** Bytes that can still be written below the path, or below the nearest folder that exists. */
  Optional<Long> freeDiskBytes(Path path);

  Optional<Long> availableMemoryBytes();

  /**
   * How machines will be run: what the boot probe found, now or before.
   *
   * @param guestImage whole
   */
  Acceleration acceleration(Path guestImage);

  /**
   * An answer.
   *
   * @param hardware whether it is KVM
   * @param remedy empty if it is
   */
  record Acceleration(boolean hardware, String reason, String remedy) {}
}
