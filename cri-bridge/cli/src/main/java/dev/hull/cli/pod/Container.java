package dev.hull.cli.pod;

import java.util.List;
import java.util.Optional;

/**
 * One container.
 *
 * @param command replaces the image's entrypoint unless empty; {@code $(NAME)} is not yet expanded
 * @param args replace the image's command unless empty; likewise
 * @param workingDir empty for the image's
 * @param env in order; a later name wins over an earlier
 * @param envFrom whole ConfigMaps and Secrets; {@code env} wins over them
 * @param restartPolicy of this container alone; of an init container, Always makes it a sidecar
 * @param restartRules by exit codes, before the policy
 * @param target of an ephemeral container, whose processes it sees; empty otherwise
 */
public record Container(
    String name,
    String image,
    PullPolicy pullPolicy,
    List<String> command,
    List<String> args,
    String workingDir,
    List<Variable> env,
    List<EnvFrom> envFrom,
    List<Port> ports,
    List<VolumeMount> mounts,
    Resources resources,
    Probes probes,
    Lifecycle lifecycle,
    ContainerSecurity security,
    Optional<Pod.RestartPolicy> restartPolicy,
    List<RestartRule> restartRules,
    TerminationMessage terminationMessage,
    Input input,
    Optional<String> target) {

  public Container {
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = List.copyOf(env);
    envFrom = List.copyOf(envFrom);
    ports = List.copyOf(ports);
    mounts = List.copyOf(mounts);
    restartRules = List.copyOf(restartRules);
  }

  /** When an image is fetched. */
  public enum PullPolicy {
    ALWAYS,
    IF_NOT_PRESENT,
    NEVER;

    /** As the API writes it. */
    public String text() {
      return switch (this) {
        case ALWAYS -> "Always";
        case IF_NOT_PRESENT -> "IfNotPresent";
        case NEVER -> "Never";
      };
    }
  }

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

  /**
   * Where a volume appears in a container.
   *
   * @param subPath of the volume; {@code $(NAME)} is expanded where {@code expanded} is true
   */
  public record VolumeMount(
      String volume,
      String mountPath,
      boolean readOnly,
      RecursiveReadOnly recursiveReadOnly,
      String subPath,
      boolean expanded,
      Propagation propagation) {}

  /** Whether mounts below a read-only mount are read-only as well. */
  public enum RecursiveReadOnly {
    DISABLED,
    IF_POSSIBLE,
    ENABLED
  }

  /** Whether mounts made later on one side appear on the other. */
  public enum Propagation {
    NONE,
    HOST_TO_CONTAINER,
    BIDIRECTIONAL
  }

  /** Who says whether it has started, lives, and can serve. */
  public record Probes(
      Optional<Probe> startup, Optional<Probe> liveness, Optional<Probe> readiness) {
    public static final Probes NONE =
        new Probes(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** What is done at its beginning and before its end, and with which signal it is ended. */
  public record Lifecycle(
      Optional<Action> postStart, Optional<Action> preStop, Optional<String> stopSignal) {
    public static final Lifecycle NONE =
        new Lifecycle(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Restarts the container, whatever the policy, if its exit code is ({@code in}) one of these. */
  public record RestartRule(boolean in, List<Integer> exitCodes) {
    public RestartRule {
      exitCodes = List.copyOf(exitCodes);
    }

    public boolean matches(int exitCode) {
      return exitCodes.contains(exitCode) == in;
    }
  }

  /**
   * Where it leaves its last words; {@code logsOnError} takes the end of its log for lack of any.
   */
  public record TerminationMessage(String path, boolean logsOnError) {
    public static final TerminationMessage DEFAULT =
        new TerminationMessage("/dev/termination-log", false);
  }

  /** Its standard input, and whether it has a terminal. */
  public record Input(boolean stdin, boolean once, boolean tty) {
    public static final Input NONE = new Input(false, false, false);
  }

  /** Whether it is restarted when it has ended so. */
  public boolean restartsAfter(int exitCode, Pod.RestartPolicy podPolicy) {
    if (restartRules.stream().anyMatch(rule -> rule.matches(exitCode))) {
      return true;
    }
    return switch (restartPolicy.orElse(podPolicy)) {
      case ALWAYS -> true;
      case ON_FAILURE -> exitCode != 0;
      case NEVER -> false;
    };
  }

  /** Among init containers: started before those behind it, and ended after all others. */
  public boolean isSidecar() {
    return restartPolicy.filter(policy -> policy == Pod.RestartPolicy.ALWAYS).isPresent();
  }

  /** The number of a port that is given by number or by name. */
  public Optional<Integer> port(Action.PortRef port) {
    return switch (port) {
      case Action.PortRef.Numbered number -> Optional.of(number.number());
      case Action.PortRef.Named named ->
          ports.stream()
              .filter(candidate -> candidate.name().equals(named.name()))
              .map(Port::containerPort)
              .findFirst();
    };
  }
}
