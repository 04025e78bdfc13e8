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
 * @param podPidNamespace true to share the pod's PID namespace; false for one of its own
 */
public record ContainerSpec(
    String id,
    List<Path> layers,
    boolean readonlyRoot,
    Program program,
    List<Mount> mounts,
    Resources resources,
    boolean privileged,
    boolean podPidNamespace,
    List<String> maskedPaths,
    List<String> readonlyPaths) {

  public ContainerSpec {
    layers = List.copyOf(layers);
    mounts = List.copyOf(mounts);
    maskedPaths = List.copyOf(maskedPaths);
    readonlyPaths = List.copyOf(readonlyPaths);
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
        podPidNamespace,
        maskedPaths,
        readonlyPaths);
  }

  /**
   * A program to run.
   *
   * @param env {@code NAME=value}
   * @param user as in an image's config: empty, name or number, with an optional group after a
   *     colon
   * @param capabilities names without {@code CAP_}; bounding, permitted and effective set alike
   * @param oomScoreAdj -1000 to 1000
   */
  public record Program(
      List<String> args,
      List<String> env,
      String workingDir,
      String user,
      List<Integer> supplementalGroups,
      boolean terminal,
      boolean stdin,
      List<String> capabilities,
      List<String> ambientCapabilities,
      boolean noNewPrivileges,
      List<Rlimit> rlimits,
      int oomScoreAdj) {
    public Program {
      args = List.copyOf(args);
      env = List.copyOf(env);
      supplementalGroups = List.copyOf(supplementalGroups);
      capabilities = List.copyOf(capabilities);
      ambientCapabilities = List.copyOf(ambientCapabilities);
      rlimits = List.copyOf(rlimits);
    }

    private Program withOomScoreAdj(int other) {
      return new Program(
          args,
          env,
          workingDir,
          user,
          supplementalGroups,
          terminal,
          stdin,
          capabilities,
          ambientCapabilities,
          noNewPrivileges,
          rlimits,
          other);
    }
  }

  /** {@code name} as in {@code NOFILE}. */
  public record Rlimit(String name, long soft, long hard) {}

  /** Something mounted over a path of the container, in the order given. */
  public record Mount(
      Source source, String destination, boolean readonly, boolean hostToContainer) {
    /** Where it comes from. */
    public sealed interface Source {
      /**
       * A file or folder of the host; it must exist. Sockets and devices do not cross and are
       * refused.
       */
      record HostPath(Path path) implements Source {}

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
