package dev.hull.tests.harness;

import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.VersionRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A daemon in a process of its own, with everything that it keeps in one folder. It can be killed
 * and started again; closing it stops it in order.
 */
public final class Daemon implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(30);
  private static final Duration SPARE_WITHIN = Duration.ofSeconds(60);

  /** What it logs of each machine that stands by. */
  public static final String SPARE_READY = "a spare machine stands by";

  private final Path folder;
  private final Path guestImage;
  private final List<String> arguments = new ArrayList<>();
  private @Nullable Process process;
  private @Nullable CriClient cri;

  /** Does not start it yet. {@code folder} is the test's own. */
  public Daemon(Path folder) {
    this(folder, TestEnvironment.guestImage());
  }

  public Daemon(Path folder, Path guestImage) {
    this.folder = folder;
    this.guestImage = guestImage;
  }

  public Path root() {
    return folder.resolve("root");
  }

  public Path socket() {
    return folder.resolve("hull.sock");
  }

  /** Where its log goes, over all starts. */
  public Path log() {
    return folder.resolve("daemon.log");
  }

  /** Says whose libvirt it is to use from its next start on. */
  public Daemon hypervisor(String uri) {
    arguments.add(DaemonMain.HYPERVISOR + uri);
    return this;
  }

  /** Starts it and waits until it answers. */
  public Daemon start() {
    return start(DaemonMain.class, List.of());
  }

  /** Starts one that is to last, and prepares for pods to come; waits until it answers. */
  public Daemon startStanding() {
    return start(DaemonMain.class, List.of(DaemonMain.STANDING));
  }

  /**
   * Starts another main class than the ordinary one, with further arguments, and waits until it
   * answers.
   */
  public Daemon start(Class<?> main, List<String> furtherArguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            socket().toString(),
            root().toString(),
            guestImage.toString()));
    command.addAll(arguments);
    command.addAll(furtherArguments);
    try {
      Files.createDirectories(folder);
      // A test's own folder is closed to others, and QEMU is another.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
      // Whatever the one who asks wants to see on a terminal: this goes into a file.
      builder.environment().put("HULL_LOG_LEVEL", "INFO");
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cri = new CriClient(socket());
    await("daemon answers; its log is " + log())
        .atMost(READY_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(this::answers);
    return this;
  }

  /** Waits until so many machines have stood by, over all starts that have this log. */
  public void awaitSpares(int count) {
    await("a machine stands by; the daemon's log is " + log())
        .atMost(SPARE_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> sparesSeen() >= count);
  }

  /** How many have been made, over all starts that have this log. */
  public int sparesSeen() {
    try {
      return (int) Files.readAllLines(log()).stream().filter(l -> l.contains(SPARE_READY)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes settings for its next start. */
  public Daemon settings(String... lines) {
    try {
      Files.createDirectories(root());
      Files.writeString(root().resolve("hull.yaml"), String.join("\n", lines) + "\n");
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean answers() {
    if (!alive()) {
      throw new IllegalStateException("the daemon ended before it answered:\n" + logTail());
    }
    try {
      cri().runtime().version(VersionRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  public boolean alive() {
    return process != null && process.isAlive();
  }

  public long pid() {
    if (process == null) {
      throw new IllegalStateException("the daemon has not been started");
    }
    return process.pid();
  }

  public CriClient cri() {
    if (cri == null) {
      throw new IllegalStateException("the daemon has not been started");
    }
    return cri;
  }

  /** As {@code kill -9}. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly();
      var _ = awaitEnd();
    }
  }

  /** Waits until it has ended by itself; its exit code, 0 if it was never started. */
  public int awaitEnd() {
    try {
      if (process == null) {
        return 0;
      }
      if (!process.waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "the daemon did not end within " + STOPPED_WITHIN.toSeconds() + " s:\n" + logTail());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    } finally {
      if (cri != null) {
        cri.close();
      }
    }
  }

  /** The end of its log, for a failing test. */
  public String logTail() {
    try {
      List<String> lines = Files.readAllLines(log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }

  /** As {@code kill}, which a service manager sends; waits until it has ended. */
  @Override
  public void close() {
    stop();
  }

  /** Stops it in order; it can be started again. */
  public void stop() {
    if (process != null && process.isAlive()) {
      process.destroy();
    }
    var _ = awaitEnd();
  }
}
