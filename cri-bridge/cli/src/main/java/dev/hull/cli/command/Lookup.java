package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.Sandboxes;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandbox;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds pods and containers by what a person types. */
final class Lookup {
  /** How a pod may be named, for the help of commands. */
  static final String POD_DESCRIPTION =
      "Name, pod/name, namespace/name, or (beginning of an) id of the pod.";

  private final Cri cri;
  private final Optional<Spool> spool;

  Lookup(Cri cri) {
    this(cri, Optional.empty());
  }

  /**
   * @param spool of pods that are wanted and may have no machine yet
   */
  Lookup(Cri cri, Optional<Spool> spool) {
    this.cri = cri;
    this.spool = spool;
  }

  /** Oldest first. */
  List<PodSandbox> pods() {
    return cri
        .runtime(Cri.QUICK, stub -> stub.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
        .getItemsList()
        .stream()
        .sorted(Comparator.comparingLong(PodSandbox::getCreatedAt))
        .toList();
  }

  /** By name, by namespace/name, by id, or by the beginning of an id; pod/ may be in front. */
  PodSandbox pod(String typed) throws UserException {
    String wanted = Kinds.podName(typed);
    List<PodSandbox> all = pods();
    List<PodSandbox> named = all.stream().filter(pod -> isNamed(pod, wanted)).toList();
    List<PodSandbox> found =
        named.isEmpty() && !wanted.isEmpty()
            ? all.stream().filter(pod -> pod.getId().startsWith(wanted)).toList()
            : named;
    if (found.isEmpty()) {
      throw new UserException(
          isWanted(wanted)
              ? "pod %1$s has no machine yet; hull describe pod %1$s says why".formatted(wanted)
              : "there is no pod " + wanted + "; see hull ps");
    }
    if (found.size() > 1) {
      throw new UserException(
          wanted
              + " is more than one pod: "
              + found.stream().map(pod -> shortId(pod.getId())).collect(Collectors.joining(", "))
              + "; name one by its id");
    }
    return found.getFirst();
  }

  private boolean isWanted(String name) {
    return spool.stream()
        .flatMap(wanted -> wanted.list(Spool.POD).stream())
        .anyMatch(pod -> pod.name().equals(name));
  }

  private static boolean isNamed(PodSandbox pod, String wanted) {
    String name = pod.getMetadata().getName();
    return name.equals(wanted)
        || (pod.getMetadata().getNamespace() + "/" + name).equals(wanted)
        || pod.getId().equals(wanted);
  }

  /** The newest start of each container, in the order in which they were first created. */
  List<Container> containers(PodSandbox pod) {
    return newest(new Sandboxes(cri).containers(pod.getId()));
  }

  /** The same of all pods, by the pods' ids: one call, however many there are. */
  Map<String, List<Container>> containersOfPods() {
    return new Sandboxes(cri)
        .containers().stream()
            .collect(
                Collectors.groupingBy(
                    Container::getPodSandboxId,
                    Collectors.collectingAndThen(Collectors.toList(), Lookup::newest)));
  }

  private static List<Container> newest(List<Container> starts) {
    Map<String, Container> newest = new LinkedHashMap<>();
    starts.forEach(container -> newest.put(container.getMetadata().getName(), container));
    return List.copyOf(newest.values());
  }

  /**
   * The named container of a pod; without a name the one that kubectl takes, which is said if there
   * are others.
   *
   * @throws UserException if there is none of the name, or it has not been started yet
   */
  Container container(PodSandbox pod, Optional<String> name, Context context) throws UserException {
    Roster roster = roster(pod);
    if (name.isPresent()) {
      return roster.named(name.get());
    }
    String chosen = roster.defaultName();
    if (!roster.isAnnotated() && roster.size() > 1) {
      context
          .terminal()
          .err()
          .println("Defaulted container \"%s\" out of: %s".formatted(chosen, roster.text()));
    }
    return roster.named(chosen);
  }

  /** Which containers a pod has. */
  Roster roster(PodSandbox pod) {
    return Roster.of(pod, containers(pod));
  }

  ContainerStatus status(Container container) {
    ContainerStatusRequest request =
        ContainerStatusRequest.newBuilder().setContainerId(container.getId()).build();
    return cri.runtime(Cri.QUICK, stub -> stub.containerStatus(request)).getStatus();
  }

  static String shortId(String id) {
    String digits = id.startsWith("sha256:") ? id.substring(7) : id;
    return digits.length() > 12 ? digits.substring(0, 12) : digits;
  }
}
