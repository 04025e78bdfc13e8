package dev.hull.cli.pod;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Pod that can be run: everything in it is valid, with the defaults that Kubernetes' API server
 * would have filled in.
 *
 * @param uid empty if the manifest gives none
 * @param gracePeriod between SIGTERM and SIGKILL when the pod is stopped
 * @param activeDeadline how long it may be active before it is failed; empty for ever
 * @param resources of the pod as a whole, over those of its containers
 * @param overhead what the runtime takes on top of the containers
 * @param hostUsers whether the containers' root is the machine's root
 */
public record Pod(
    String name,
    String namespace,
    Optional<String> uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<Container> initContainers,
    List<Container> containers,
    List<Volume> volumes,
    RestartPolicy restartPolicy,
    Duration gracePeriod,
    Optional<Duration> activeDeadline,
    Naming naming,
    PodSecurity security,
    boolean shareProcesses,
    boolean hostUsers,
    Resources resources,
    Resources overhead,
    List<String> imagePullSecrets,
    String serviceAccountName) {

  public Pod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    initContainers = List.copyOf(initContainers);
    containers = List.copyOf(containers);
    volumes = List.copyOf(volumes);
    imagePullSecrets = List.copyOf(imagePullSecrets);
  }

  /** When a container that has ended is started again. */
  public enum RestartPolicy {
    ALWAYS,
    ON_FAILURE,
    NEVER;

    /** As the API writes it. */
    public String text() {
      return switch (this) {
        case ALWAYS -> "Always";
        case ON_FAILURE -> "OnFailure";
        case NEVER -> "Never";
      };
    }
  }

  /** Init containers and sidecars first, in the order of the manifest. */
  public Stream<Container> everyContainer() {
    return Stream.concat(initContainers.stream(), containers.stream());
  }

  /** {@code namespace/name}. */
  public String fullName() {
    return namespace + "/" + name;
  }

  public boolean isInit(Container container) {
    return initContainers.contains(container);
  }

  /** How soon the pod's containers are given up, and what is lost for: Kubernetes' QoS class. */
  public QosClass qosClass() {
    return QosClass.of(this);
  }
}
