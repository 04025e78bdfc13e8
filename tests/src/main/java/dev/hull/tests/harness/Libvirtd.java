package dev.hull.tests.harness;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A libvirtd as Debian packages it, whose folders are the test's own: it has them mounted in a
 * mount namespace over the usual ones, so that it meets no other libvirtd of this host.
 */
public final class Libvirtd implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);
  private static final Duration ENDED_WITHIN = Duration.ofSeconds(10);
  private static final Path PROGRAM = Path.of("/usr/sbin/libvirtd");

  /** What is mounted over each folder of the system. */
  private static final List<String> FOLDERS =
      List.of(
          "etc/libvirt", "run/libvirt", "var/lib/libvirt", "var/log/libvirt", "var/cache/libvirt");

  private final Path folder;
  private @Nullable Process process;

  /** Does not start it yet. {@code folder} is the test's own, and open to QEMU's user. */
  public Libvirtd(Path folder) {
    this.folder = folder;
  }

  /** Where it listens. */
  public String uri() {
    return "qemu+unix:///system?socket=" + socket();
  }

  private Path socket() {
    return own("run/libvirt").resolve("libvirt-sock");
  }

  /** Starts it, again if it was killed, and waits until it listens. */
  public Libvirtd start() {
    if (!Files.isExecutable(PROGRAM)) {
      throw new IllegalStateException(PROGRAM + " is not there; install libvirt-daemon");
    }
    try {
      StringBuilder script = new StringBuilder("set -e\n");
      for (String mounted : FOLDERS) {
        Path own = Files.createDirectories(own(mounted));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-xr-x"));
        script.append("mkdir -p /%s; mount --bind %s /%s%n".formatted(mounted, own, mounted));
      }
      // On one CPU: where those of a host differ, it would ask QEMU what it can do at each start.
      script
          .append("exec taskset -c 0 ")
          .append(PROGRAM)
          .append(" --config /etc/libvirt/libvirtd.conf\n");
      Path settings = own("etc/libvirt");
      Files.writeString(
          settings.resolve("libvirtd.conf"),
          """
          auth_unix_ro = "none"
          auth_unix_rw = "none"
          """);
      // There is no virtlogd here. Asked as a user who may not use KVM, QEMU is asked again at each
      // start; whom machines run as, they say themselves.
      Files.writeString(
          settings.resolve("qemu.conf"),
          """
          stdio_handler = "file"
          user = "root"
          group = "root"
          """);
      Files.deleteIfExists(socket());
      process =
          new ProcessBuilder(
                  "unshare", "--mount", "--propagation", "slave", "sh", "-c", script.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("libvirtd listens; its log is " + log())
        .atMost(READY_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> isRunning() && Files.exists(socket()));
    return this;
  }

  private Path own(String mounted) {
    return folder.resolve(mounted.replace('/', '-'));
  }

  private Path log() {
    return folder.resolve("libvirtd.log");
  }

  private boolean isRunning() {
    if (process == null || !process.isAlive()) {
      throw new IllegalStateException("libvirtd has ended; see " + log());
    }
    return true;
  }

  /** As {@code kill -9}; its machines run on. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly();
      awaitEnd();
    }
  }

  private void awaitEnd() {
    try {
      if (process != null && !process.waitFor(ENDED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("libvirtd has not ended; see " + log());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Stops it in order. */
  @Override
  public void close() {
    if (process != null) {
      process.destroy();
      awaitEnd();
    }
  }
}
