package dev.hull.cli.pod;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Pod manifest that can be run: everything in it is valid, and there was nothing else in it.
 *
 * @param uid empty if the manifest gives none
 * @param gracePeriod between SIGTERM and SIGKILL when the pod is stopped
 */
public record Pod(
    String name,
    String namespace,
    Optional<String> uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<Container> containers,
    List<Volume> volumes,
    Duration gracePeriod) {

  public Pod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    containers = List.copyOf(containers);
    volumes = List.copyOf(volumes);
  }

  /**
   * One container.
   *
   * @param command replaces the image's entrypoint unless empty; {@code $(NAME)} is expanded
   * @param args replace the image's command unless empty; {@code $(NAME)} is expanded
   * @param workingDir empty for the image's
   * @param env in order, expanded; a later name wins over an earlier
   */
  public record Container(
      String name,
      String image,
      PullPolicy pullPolicy,
      List<String> command,
      List<String> args,
      String workingDir,
      List<Variable> env,
      List<Port> ports,
      List<VolumeMount> mounts) {
    public Container {
      command = List.copyOf(command);
      args = List.copyOf(args);
      env = List.copyOf(env);
      ports = List.copyOf(ports);
      mounts = List.copyOf(mounts);
    }
  }

  /** When an image is fetched. */
  public enum PullPolicy {
    ALWAYS,
    IF_NOT_PRESENT,
    NEVER
  }

  /** An environment variable. */
  public record Variable(String name, String value) {}

  /**
   * A port that the container listens on; {@code hostPort} 0 for none, {@code hostIp} may be empty.
   */
  public record Port(
      String name, int containerPort, int hostPort, String hostIp, Protocol protocol) {
    /** As CRI numbers them. */
    public enum Protocol {
      TCP,
      UDP,
      SCTP
    }
  }

  /** Where a volume appears in a container. */
  public record VolumeMount(String volume, String mountPath, boolean readOnly) {}

  /** Something that the pod's containers can mount. */
  public sealed interface Volume {
    String name();

    /** A new folder on disk that goes with the pod. */
    record EmptyDir(String name) implements Volume {}

    /** The same in memory; {@code sizeLimitBytes} 0 for the kernel's default. */
    record Memory(String name, long sizeLimitBytes) implements Volume {}

    /** A file or folder of the host. */
    record HostPath(String name, String path, Type type) implements Volume {
      /** What must be there before the pod starts. */
      public enum Type {
        UNCHECKED,
        DIRECTORY_OR_CREATE,
        DIRECTORY,
        FILE_OR_CREATE,
        FILE
      }
    }
  }
}
