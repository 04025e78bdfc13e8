package dev.hull.agent.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Kernel parameters of a pod. Only those that belong to a namespace on a shared kernel may be set,
 * for these are what Kubernetes lets a pod set; the machine's own stay the agent's.
 */
final class Sysctls {
  private static final Pattern ALLOWED =
      Pattern.compile(
          "kernel\\.(shm[a-z_]*|msg[a-z_]*|sem)"
              + "|fs\\.mqueue\\.[a-z_]+"
              + "|net\\.[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)+");
  private static final Pattern VALUE = Pattern.compile("[ -~\\t]{0,1024}");

  private final Path procSys;

  /**
   * @param procSys {@code /proc/sys}
   */
  Sysctls(Path procSys) {
    this.procSys = procSys;
  }

  /** Refuses names that a pod may not set, and values that are not one line of text. */
  static void check(String name, String value) {
    if (!ALLOWED.matcher(canonical(name)).matches()) {
      throw new IllegalArgumentException(
          "sysctl %s cannot be set for a pod; kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* can"
              .formatted(name));
    }
    if (!VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException("sysctl " + name + " has a value that is not one line");
    }
  }

  void apply(Map<String, String> values) throws IOException {
    for (Map.Entry<String, String> entry : values.entrySet()) {
      check(entry.getKey(), entry.getValue());
      Path file = procSys.resolve(canonical(entry.getKey()).replace('.', '/'));
      try {
        Files.writeString(file, entry.getValue());
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "sysctl %s cannot be set to \"%s\": %s"
                .formatted(entry.getKey(), entry.getValue(), e.getMessage()),
            e);
      }
    }
  }

  /** Kubernetes also takes slashes between the parts, as sysctl(8) does. */
  private static String canonical(String name) {
    return name.replace('/', '.');
  }
}
