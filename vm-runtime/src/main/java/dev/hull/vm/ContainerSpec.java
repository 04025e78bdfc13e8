package dev.hull.vm;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container as the guest is to make it: what CRI asks for with the image's defaults already
 * applied.
 *
 * @param id 64 hexadecimal digits, unique in the machine
 * @param layers EROFS images, lowest first, readable by QEMU's user
 * @param devices of the guest, besides those that every container has; a privileged container has
 *     them all
 */
public record ContainerSpec(
    String id,
    List<Path> layers,
    boolean readonlyRoot,
    Program program,
    List<Mount> mounts,
    Resources resources,
    boolean privileged,
    PidNamespace pidNamespace,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    List<Device> devices) {

  public ContainerSpec {
    layers = List.copyOf(layers);
    mounts = List.copyOf(mounts);
    maskedPaths = List.copyOf(maskedPaths);
    readonlyPaths = List.copyOf(readonlyPaths);
    devices = List.copyOf(devices);
  }

  /** Whose processes a container sees. */
  public sealed interface PidNamespace {
    /** Its own only; its first process is number 1. */
    record Own() implements PidNamespace {}

    /** Those of the pod's containers that say the same. */
    record Pod() implements PidNamespace {}

    /** Those of another container of the machine, which must run when this one is started. */
    record Of(String containerId) implements PidNamespace {}
  }

  /** The same container with other limits. */
  public ContainerSpec withLimits(Resources limits, int oomScoreAdj) {
    return new ContainerSpec(
        id,
        layers,
        readonlyRoot,
        program.withOomScoreAdj(oomScoreAdj),
        mounts,
        limits,
        privileged,
        pidNamespace,
        maskedPaths,
        readonlyPaths,
        devices);
  }

  /**
   * A program to run.
   *
   * @param env {@code NAME=value}
   * @param oomScoreAdj -1000 to 1000
   */
  public record Program(
      List<String> args,
      List<String> env,
      String workingDir,
      User user,
      boolean terminal,
      boolean stdin,
      Rights rights,
      List<Rlimit> rlimits,
      int oomScoreAdj) {
    public Program {
      args = List.copyOf(args);
      env = List.copyOf(env);
      rlimits = List.copyOf(rlimits);
    }

    private Program withOomScoreAdj(int other) {
      return new Program(args, env, workingDir, user, terminal, stdin, rights, rlimits, other);
    }
  }

  /**
   * Who a program runs as.
   *
   * @param name as in an image's config: empty, name or number, with an optional group after a
   *     colon
   * @param onlyTheseGroups whether the groups that the image's /etc/group gives to the user are
   *     left out
   */
  public record User(String name, List<Integer> supplementalGroups, boolean onlyTheseGroups) {
    public static final User OF_THE_IMAGE = new User("", List.of(), false);

    public User {
      supplementalGroups = List.copyOf(supplementalGroups);
    }
  }

  /**
   * What a program may do.
   *
   * @param capabilities names without {@code CAP_}; bounding, permitted and effective set alike
   */
  public record Rights(
      List<String> capabilities,
      List<String> ambientCapabilities,
      boolean noNewPrivileges,
      SystemCallFilter filter) {
    /** No capability, and no way to one. */
    public static final Rights NONE = new Rights(List.of(), List.of(), true, SystemCallFilter.NONE);

    public Rights {
      capabilities = List.copyOf(capabilities);
      ambientCapabilities = List.copyOf(ambientCapabilities);
    }
  }

  /**
   * A device of the guest.
   *
   * @param guestPath below {@code /dev}; the start of the container fails if it is not there
   */
  public record Device(String guestPath, String containerPath, boolean read, boolean write) {}

  /** {@code name} as in {@code NOFILE}. */
  public record Rlimit(String name, long soft, long hard) {}

  /**
   * Something mounted over a path of the container, in the order given.
   *
   * @param hostToContainer whether mounts that the host makes below the source later appear too
   * @param mapped whether the ids of the files' owners on the host are those in the pod's user
   *     namespace; for {@link Source.HostPath} and {@link Source.Replica}
   */
  public record Mount(
      Source source, String destination, Access access, boolean hostToContainer, boolean mapped) {
    /** One whose files have the owners that they have on the host. */
    public Mount(Source source, String destination, Access access, boolean hostToContainer) {
      this(source, destination, access, hostToContainer, false);
    }

    /** What the container may do with it. */
    public enum Access {
      READ_WRITE,
      /** Mounts below the source are what they are on the host. */
      READ_ONLY,
      /** Mounts below the source too. */
      READ_ONLY_RECURSIVE
    }

    public boolean readonly() {
      return access != Access.READ_WRITE;
    }

    /** Where it comes from. */
    public sealed interface Source {
      /**
       * A file or folder of the host; it must exist. Sockets and devices do not cross and are
       * refused.
       */
      record HostPath(Path path) implements Source {}

      /**
       * A folder of the host as {@link dev.hull.vm.replica.AtomicFolder} describes it. The guest
       * has a copy in its memory, which follows the folder: programs in it are told of changes.
       */
      record Replica(Path folder) implements Source {}

      /**
       * A block device of the host, as a device node; it must exist. Read-only means that the
       * machine cannot write to it, whatever runs in it.
       */
      record BlockDevice(Path path) implements Source {}

      /**
       * The files of an image; never writable.
       *
       * @param layers EROFS images, lowest first, readable by QEMU's user
       * @param subPath a folder in it, relative; empty for all of it
       */
      record ImageFiles(List<Path> layers, String subPath) implements Source {
        public ImageFiles {
          layers = List.copyOf(layers);
        }
      }

      /** Memory in the guest; {@code sizeBytes} 0 for the kernel's default. */
      record Tmpfs(long sizeBytes) implements Source {}

      /** A file that the agent writes from the pod's identity. */
      record PodFile(Kind kind) implements Source {
        public enum Kind {
          HOSTS,
          RESOLV_CONF,
          HOSTNAME
        }
      }
    }
  }

  /**
   * cgroup v2 values; absent ones leave the kernel's default.
   *
   * @param unified further files of the container's cgroup, such as {@code pids.max}, and what is
   *     written into them after the others
   */
  public record Resources(
      Optional<Integer> cpuWeight,
      Optional<Long> cpuQuotaMicros,
      Optional<Long> cpuPeriodMicros,
      Optional<String> cpusetCpus,
      Optional<Long> memoryMaxBytes,
      Map<String, String> unified) {
    public Resources {
      unified = Map.copyOf(unified);
    }

    public static final Resources UNLIMITED =
        new Resources(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of());
  }
}
