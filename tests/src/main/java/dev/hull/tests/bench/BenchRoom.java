package dev.hull.tests.bench;

import dev.hull.cri.bridge.daemon.HullTemplateStore;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A folder for one bench, and what all benches need in it. Closing it deletes the folder. */
final class BenchRoom implements AutoCloseable {
  /** Every machine boots. */
  static final Map<String, String> BOOTING = Map.of("machine.templates", "off");

  /** Machines are copies of the template, each made when it is asked for. */
  static final Map<String, String> COPYING =
      Map.of("machine.templates", "on", "templates.spare", "0");

  /** One machine stands by, under a daemon that is standing. */
  static final Map<String, String> KEEPING_ONE =
      Map.of("machine.templates", "on", "templates.spare", "1");

  private final Path folder;
  private final DaemonProvider.Options options;
  private final Consumer<String> progress;
  private final List<Daemon> daemons = new ArrayList<>();

  private BenchRoom(Path folder, DaemonProvider.Options options, Consumer<String> progress) {
    this.folder = folder;
    this.options = options;
    this.progress = progress;
  }

  static BenchRoom open(DaemonProvider.Options options, Consumer<String> progress)
      throws IOException {
    Path folder = Files.createTempDirectory("hull-bench-");
    // QEMU's user has to get through.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    return new BenchRoom(folder, options, progress);
  }

  Path folder() {
    return folder;
  }

  Path logs() {
    return folder.resolve("logs");
  }

  Path guestImage() {
    return options.guestImage();
  }

  /** Tells a person a line. */
  void say(String line) {
    progress.accept(line);
  }

  /** Tells how the log of each daemon ends, for a bench that failed: they go with the room. */
  void sayLogs() {
    for (Daemon daemon : daemons) {
      say("the log of daemon " + folder.relativize(daemon.log()) + " ends with:");
      say(daemon.logTail());
    }
  }

  /**
   * Makes the template that copies are made of, unless it is there. A process can have libvirt's
   * driver open in one folder only, and all benches of a process make it in the same one, which
   * stays.
   */
  void makeTemplate() throws HostException {
    say("making the template, unless it is there");
    DaemonProvider.Options making =
        new DaemonProvider.Options(options.socket(), options.root(), guestImage(), "", false);
    if (!new HullTemplateStore().build(making)) {
      throw new HostException("there is no template to measure; the lines above say why");
    }
  }

  /**
   * Starts a daemon that has the image of the pods, and has started none yet.
   *
   * @param settings by their names in {@code hull.yaml}
   */
  Daemon daemon(String name, Map<String, String> settings) throws IOException {
    return daemon(name, settings, Daemon::start);
  }

  /** The same of one that is to last, and prepares for pods to come. */
  Daemon standingDaemon(String name, Map<String, String> settings) throws IOException {
    return daemon(name, settings, Daemon::startStanding);
  }

  private Daemon daemon(String name, Map<String, String> settings, UnaryOperator<Daemon> start)
      throws IOException {
    Daemon daemon = new Daemon(folder.resolve(name), guestImage());
    daemons.add(daemon);
    var _ = daemon.settings(lines(settings));
    try {
      Daemon started = start.apply(daemon);
      TestPod.load(started, TestPod.DEBIAN);
      return started;
    } catch (RuntimeException e) {
      daemon.close();
      throw e;
    }
  }

  /** As a daemon's file of settings has them. */
  static String[] lines(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + ": " + setting.getValue())
        .toArray(String[]::new);
  }

  /**
   * @throws IllegalStateException if the folder cannot be deleted, for a machine still has it
   */
  @Override
  public void close() {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot delete " + folder + ": " + e.getMessage(), e);
    }
  }
}
