package dev.hull.cli.command;

import dev.hull.cli.kubelet.PodAnnotations;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.PodSandbox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A pod's containers by the parts that they have in it. kubectl reads these in the Pod's spec; CRI
 * does not know them, so they are noted on the sandbox ({@link PodAnnotations}). On the sandbox of
 * a kubelet nothing is noted: its containers count as ordinary, in the order of their creation.
 *
 * @param noted whether the parts are known
 * @param annotated what kubectl.kubernetes.io/default-container says; may be empty
 * @param ordinary names, in the manifest's order; those that are to be started yet among them
 * @param init the same of init containers and sidecars
 * @param ephemeral names of what was added later
 * @param created the newest start of each that was started
 */
record Roster(
    String pod,
    boolean noted,
    String annotated,
    List<String> ordinary,
    List<String> init,
    List<String> ephemeral,
    List<Container> created) {
  private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

  Roster {
    ordinary = List.copyOf(ordinary);
    init = List.copyOf(init);
    ephemeral = List.copyOf(ephemeral);
    created = List.copyOf(created);
  }

  /** Of a pod whose containers have been started as often as {@code created} says. */
  static Roster of(PodSandbox pod, List<Container> created) {
    List<String> names = created.stream().map(Roster::name).toList();
    List<String> ordinary = noted(pod, PodAnnotations.CONTAINERS);
    List<String> init = noted(pod, PodAnnotations.INIT_CONTAINERS);
    List<String> ephemeral = new ArrayList<>(names);
    ephemeral.removeAll(ordinary);
    ephemeral.removeAll(init);
    boolean noted = !ordinary.isEmpty();
    return new Roster(
        pod.getMetadata().getName(),
        noted,
        pod.getAnnotationsOrDefault(DEFAULT_CONTAINER, ""),
        noted ? ordinary : names,
        noted ? init : List.of(),
        noted ? ephemeral : List.of(),
        created);
  }

  private static List<String> noted(PodSandbox pod, String annotation) {
    return Arrays.stream(pod.getAnnotationsOrDefault(annotation, "").split(",", -1))
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static String name(Container container) {
    return container.getMetadata().getName();
  }

  /** All names, as kubectl orders them. */
  Stream<String> names() {
    return Stream.of(ordinary, init, ephemeral).flatMap(List::stream);
  }

  int size() {
    return ordinary.size() + init.size() + ephemeral.size();
  }

  /** Whether the Pod itself says which container is meant. */
  boolean isAnnotated() {
    return names().anyMatch(annotated::equals);
  }

  /** All names, with what is no ordinary container marked: {@code web, echo, setup (init)}. */
  String text() {
    return Stream.of(
            ordinary.stream(),
            init.stream().map(name -> name + " (init)"),
            ephemeral.stream().map(name -> name + " (ephem)"))
        .flatMap(names -> names)
        .collect(Collectors.joining(", "));
  }

  /**
   * The container that is meant where none is named: the annotated one, or the first ordinary one.
   * Init containers of a kubelet's pod cannot be told from the others, but they have ended: there
   * it is the first that runs, if one does.
   */
  String defaultName() throws UserException {
    if (isAnnotated()) {
      return annotated;
    }
    if (ordinary.isEmpty()) {
      throw new UserException("the pod " + pod + " has no containers");
    }
    return created.stream()
        .filter(container -> !noted && container.getState() == ContainerState.CONTAINER_RUNNING)
        .map(Roster::name)
        .findFirst()
        .orElse(ordinary.getFirst());
  }

  /** Those that have been started, as kubectl orders them. */
  List<Container> started() {
    List<String> order = names().toList();
    return created.stream()
        .sorted(Comparator.comparingInt(container -> order.indexOf(name(container))))
        .toList();
  }

  /**
   * The newest start of a container.
   *
   * @throws UserException if there is none of the name, or it has not been started yet
   */
  Container named(String name) throws UserException {
    for (Container container : created) {
      if (name(container).equals(name)) {
        return container;
      }
    }
    if (names().anyMatch(name::equals)) {
      throw new UserException(
          "the container %s of the pod %s has not been started yet; see hull describe pod %s"
              .formatted(name, pod, pod));
    }
    throw new UserException(
        "the pod %s has no container %s; it has: %s".formatted(pod, name, text()));
  }
}
