package dev.hull.guestimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Debian's newest cloud kernel, as apt knows it here. Nothing is installed.
 *
 * @param name {@code linux-image-6.1.0-56-cloud-amd64}
 * @param version {@code 6.1.192-2}
 */
record KernelPackage(String name, String version) {
  private static final String META_PACKAGE = "linux-image-cloud-amd64";
  private static final String PREFIX = "linux-image-";

  /** Debian's meta packages name the exact version. */
  private static final Pattern DEPENDENCY =
      Pattern.compile("(?m)^Depends:.*\\b(linux-image-[0-9][a-z0-9.+-]*) \\(= ([^ )]+)\\)");

  private static final Duration LOCAL = Duration.ofSeconds(60);
  private static final Duration DOWNLOAD = Duration.ofMinutes(10);

  /** Asks apt's lists on this machine. */
  static KernelPackage newest() {
    try {
      return parse(
          Command.run(
              Path.of("/"),
              LOCAL,
              List.of("apt-cache", "show", "--no-all-versions", META_PACKAGE)));
    } catch (GuestImageException e) {
      throw new GuestImageException(
          "apt does not tell of package %s; run apt-get update (%s)"
              .formatted(META_PACKAGE, e.getMessage()),
          e);
    }
  }

  /** What the meta package's record in apt's lists says. */
  static KernelPackage parse(String metaPackage) {
    Matcher dependency = DEPENDENCY.matcher(metaPackage);
    if (!dependency.find()) {
      throw new GuestImageException(
          "the package depends on no version of a kernel: " + metaPackage.strip());
    }
    return new KernelPackage(dependency.group(1), dependency.group(2));
  }

  /** As in {@code /lib/modules}. */
  String release() {
    return name.substring(PREFIX.length());
  }

  /** Fetches the package into an empty folder and unpacks it there; returns the unpacked tree. */
  Path unpack(Path folder) throws IOException {
    Command.run(folder, DOWNLOAD, List.of("apt-get", "download", "-q", name + "=" + version));
    Path tree = folder.resolve("tree");
    try (Stream<Path> files = Files.list(folder)) {
      Path archive =
          files
              .filter(file -> file.toString().endsWith(".deb"))
              .findAny()
              .orElseThrow(
                  () -> new GuestImageException("apt-get download " + name + " left no package"));
      Command.run(folder, DOWNLOAD, List.of("dpkg-deb", "-x", archive.toString(), tree.toString()));
    }
    return tree;
  }
}
