package dev.hull.cri.bridge.daemon;

import dev.hull.cri.bridge.runtime.Readiness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks at the files that every pod needs; they may come and go while the daemon runs. */
final class HostReadiness implements Readiness {
  private static final List<String> GUEST_FILES =
      List.of("vmlinux", "initramfs", "root.erofs", "guest-image.properties");
  private static final List<String> PLUGINS = List.of("bridge", "host-local");

  private final Path guestImage;
  private final Path plugins;

  HostReadiness(Path guestImage, Path plugins) {
    this.guestImage = guestImage;
    this.plugins = plugins;
  }

  @Override
  public Optional<String> runtimeProblem() {
    return missing(guestImage, GUEST_FILES)
        .map(file -> "the guest image lacks " + file + "; run ./hull doctor");
  }

  @Override
  public Optional<String> networkProblem() {
    return missing(plugins, PLUGINS)
        .map(
            file ->
                "the CNI plugin " + file + " is not there; install containernetworking-plugins");
  }

  private static Optional<Path> missing(Path folder, List<String> names) {
    return names.stream()
        .map(folder::resolve)
        .filter(file -> !Files.isRegularFile(file))
        .findFirst();
  }
}
