package dev.hull.cli.life;

import dev.hull.cli.life.ContainerLife.Role;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * The containers of one pod: those of its manifest, and ephemeral ones that came later. Not safe
 * for use from many threads: they are their pod's.
 */
final class PodContainers {
  private final List<ContainerLife> init = new ArrayList<>();
  private final List<ContainerLife> ordinary = new ArrayList<>();
  private final List<ContainerLife> ephemeral = new ArrayList<>();

  PodContainers(Pod pod) {
    for (Container container : pod.initContainers()) {
      Role role = container.isSidecar() ? Role.SIDECAR : Role.INIT;
      init.add(new ContainerLife(container, role, init.isEmpty()));
    }
    for (Container container : pod.containers()) {
      ordinary.add(new ContainerLife(container, Role.ORDINARY, init.isEmpty()));
    }
  }

  /** Adds an ephemeral one, unless there is one of its name. */
  void add(Container container) {
    if (all().stream().noneMatch(life -> life.name().equals(container.name()))) {
      ephemeral.add(new ContainerLife(container, Role.EPHEMERAL, true));
    }
  }

  /** Init containers and sidecars, in the order of the manifest. */
  List<ContainerLife> init() {
    return Collections.unmodifiableList(init);
  }

  List<ContainerLife> ordinary() {
    return Collections.unmodifiableList(ordinary);
  }

  /** In the order in which they were added. */
  List<ContainerLife> ephemeral() {
    return Collections.unmodifiableList(ephemeral);
  }

  List<ContainerLife> all() {
    return Stream.of(init, ordinary, ephemeral).flatMap(List::stream).toList();
  }

  List<ContainerLife> running() {
    return all().stream().filter(ContainerLife::isRunning).toList();
  }

  List<ContainerLife> sidecars() {
    return init.stream().filter(life -> life.role() == Role.SIDECAR).toList();
  }

  /** All but the sidecars, which are ended after them. */
  List<ContainerLife> others() {
    return all().stream().filter(life -> life.role() != Role.SIDECAR).toList();
  }

  /** The one that is started first. */
  ContainerLife first() {
    return init.isEmpty() ? ordinary.getFirst() : init.getFirst();
  }

  /** Whether the init containers have been done with once. */
  boolean ordinaryHaveBegun() {
    return ordinary.stream().anyMatch(life -> life.attempt() >= 0);
  }
}
