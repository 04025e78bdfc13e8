package dev.hull.agent.users;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.process.LaunchException;
import dev.hull.agent.process.LaunchSpec;
import dev.hull.agent.process.Launcher;
import dev.hull.agent.process.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The user namespace that all containers of the pod are in, if it has one of its own. What the
 * agent makes for containers belongs to their root then, which is another one than the guest's; and
 * so does the network, for the rights of that root end at what its namespace owns.
 */
public final class PodUsers implements AutoCloseable {
  private static final int SIGKILL = 9;

  private final Launcher launcher;
  private final Linux linux;
  private final PodNetwork network;
  private final Path proc;
  private volatile Optional<Own> own = Optional.empty();

  private record Own(IdMapping mapping, int descriptor, int network) {}

  /**
   * @param network is told where it is
   * @param proc {@code /proc}
   */
  public PodUsers(Launcher launcher, Linux linux, PodNetwork network, Path proc) {
    this.launcher = launcher;
    this.linux = linux;
    this.network = network;
    this.proc = proc;
  }

  /** Makes the namespace, before there are containers. Does nothing the second time. */
  public synchronized void begin(IdMapping mapping) throws IOException {
    if (own.isPresent()) {
      return;
    }
    RunningProcess maker = maker();
    try {
      Path process = proc.resolve(Integer.toString(maker.pid()));
      Files.writeString(process.resolve("uid_map"), mapping.uids().line());
      Files.writeString(process.resolve("gid_map"), mapping.gids().line());
      // From now on the descriptors keep them.
      Own made = new Own(mapping, open(process, "user"), open(process, "net"));
      network.isIn(made.network());
      own = Optional.of(made);
    } finally {
      maker.signal(SIGKILL);
    }
  }

  private int open(Path process, String namespace) {
    return linux
        .descriptors()
        .open(process.resolve("ns").resolve(namespace).toString(), Descriptors.READ_ONLY, 0);
  }

  private RunningProcess maker() throws IOException {
    try {
      return launcher.launch(new LaunchSpec(LaunchSpec.Mode.USERS), false, OptionalInt.empty());
    } catch (LaunchException e) {
      throw new IOException("the pod's user namespace cannot be made: " + e.getMessage(), e);
    }
  }

  /** Shows the file system that is mounted there with the containers' ids. */
  public void show(Path mounted) {
    own.ifPresent(users -> linux.mounts().map(mounted.toString(), users.descriptor()));
  }

  /** Makes the containers' root the owner of a file that the agent has made; follows no link. */
  public void give(Path file) throws IOException {
    if (own.isPresent()) {
      give(file, own.get().mapping());
    }
  }

  /** The same, for those who know the mapping. */
  public static void give(Path file, IdMapping mapping) throws IOException {
    Files.setAttribute(file, "unix:uid", mapping.uids().firstId(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(file, "unix:gid", mapping.gids().firstId(), LinkOption.NOFOLLOW_LINKS);
  }

  /** A process of a container is in the namespace, and where the pod's network is. */
  public LaunchSpec enter(LaunchSpec launch) {
    return own.map(
            users ->
                launch.users(
                    users.mapping().uids().firstId(),
                    users.mapping().gids().firstId(),
                    file(users.descriptor()),
                    file(users.network())))
        .orElse(launch);
  }

  private static String file(int descriptor) {
    return "/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), descriptor);
  }

  /** Options of a tmpfs that is the containers' root's, to be added to others; may be empty. */
  public String tmpfsOptions() {
    return own.map(
            users ->
                ",uid=%d,gid=%d"
                    .formatted(users.mapping().uids().first(), users.mapping().gids().first()))
        .orElse("");
  }

  /** For tests: in a guest it lasts as long as the machine. */
  @Override
  public void close() {
    own.ifPresent(
        users -> {
          linux.descriptors().close(users.descriptor());
          linux.descriptors().close(users.network());
        });
    own = Optional.empty();
  }
}
