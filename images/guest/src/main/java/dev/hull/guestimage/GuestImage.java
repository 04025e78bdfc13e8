package dev.hull.guestimage;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * A guest image on disk: {@code vmlinux}, {@code initramfs}, {@code root.erofs} and {@code
 * guest-image.properties}. It is never changed once it is there.
 *
 * @param folder where the four are
 * @param version the digest of everything that it was made of
 */
public record GuestImage(
    Path folder,
    String version,
    String kernelRelease,
    String kernelCommandLine,
    String agentVersion) {
  static final String PROPERTIES = "guest-image.properties";
  static final String KERNEL = "vmlinux";
  static final String INITRAMFS = "initramfs";
  static final String ROOT = "root.erofs";

  /** Reads what a folder has. */
  public static GuestImage read(Path folder) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve(PROPERTIES))) {
      properties.load(reader);
    }
    return new GuestImage(
        folder,
        value(folder, properties, "version"),
        value(folder, properties, "kernel.release"),
        value(folder, properties, "kernel.cmdline"),
        value(folder, properties, "agent.version"));
  }

  /** Written last: a folder without it is no guest image. */
  void write() throws IOException {
    Files.writeString(
        folder.resolve(PROPERTIES),
        """
        version=%s
        kernel.release=%s
        kernel.cmdline=%s
        agent.version=%s
        """
            .formatted(version, kernelRelease, kernelCommandLine, agentVersion));
  }

  private static String value(Path folder, Properties properties, String key) throws IOException {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IOException(folder.resolve(PROPERTIES) + " has no " + key + "; remove the folder");
    }
    return value;
  }
}
