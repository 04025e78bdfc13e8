package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.namespace.Namespaces;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.vm.ContainerSpec.PidNamespace;
import dev.hull.vm.GuestContainer.State;

/** Which processes a container sees. */
final class PidNamespaces {
  private static final String TARGET = Namespaces.FIELD + "target_id";

  private PidNamespaces() {}

  /**
   * @param sandbox the container's; a target must run in it
   */
  static PidNamespace of(NamespaceOption options, Sandbox sandbox, Pods pods) {
    return switch (options.getPid()) {
      case POD -> new PidNamespace.Pod();
      case CONTAINER -> new PidNamespace.Own();
      case TARGET -> new PidNamespace.Of(target(options.getTargetId(), sandbox, pods).id());
      case NODE, UNRECOGNIZED ->
          throw new IllegalArgumentException("not checked: " + options.getPid());
    };
  }

  private static Container target(String id, Sandbox sandbox, Pods pods) {
    if (id.isEmpty()) {
      throw Refusal.invalid(TARGET + " is empty; with TARGET it names a container");
    }
    Container target = pods.container(id);
    if (!target.sandbox().id().equals(sandbox.id())) {
      throw Refusal.invalid(
          "%s: container %s is of another pod sandbox, %s"
              .formatted(TARGET, target.id(), target.sandbox().id()));
    }
    if (!(target.guest().state() instanceof State.Running)) {
      throw Refusal.state(
          "%s: container %s does not run; start it first".formatted(TARGET, target.id()));
    }
    return target;
  }
}
