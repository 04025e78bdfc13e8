package dev.hull.cri.bridge.events;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.container.ContainerViews;
import dev.hull.cri.bridge.sandbox.SandboxViews;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.PodListener;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.ContainerEventResponse;
import dev.hull.cri.v1.ContainerEventType;
import dev.hull.vm.GuestContainer.State;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells all subscribers what happens, each thing once and in the same order; of one container
 * always created, started, stopped, deleted. A sandbox has the same events, under its own id. Each
 * carries the statuses of the sandbox and of the containers that it has then. Thread-safe.
 */
public final class ContainerEvents implements PodListener, AutoCloseable {
  private final Pods pods;
  private final Clock clock;
  private final List<Subscription> subscriptions = new ArrayList<>();

  /** What was told last of each that there is. */
  private final Map<Object, ContainerEventType> told = new WeakHashMap<>();

  private @Nullable Refusal closed;

  public ContainerEvents(Pods pods, Clock clock) {
    this.pods = pods;
    this.clock = clock;
  }

  /** From here on it tells; of what there is already, only what changes. */
  public synchronized void begin() {
    pods.sandboxes()
        .forEach(
            sandbox ->
                told.put(
                    sandbox,
                    sandbox.runs()
                        ? ContainerEventType.CONTAINER_STARTED_EVENT
                        : ContainerEventType.CONTAINER_STOPPED_EVENT));
    pods.containers().forEach(container -> told.put(container, lastOf(container)));
    pods.listen(this);
  }

  private static ContainerEventType lastOf(Container container) {
    return switch (container.guest().state()) {
      case State.Created _ -> ContainerEventType.CONTAINER_CREATED_EVENT;
      case State.Running _ -> ContainerEventType.CONTAINER_STARTED_EVENT;
      case State.Exited _ -> ContainerEventType.CONTAINER_STOPPED_EVENT;
    };
  }

  public synchronized Subscription subscribe() {
    if (closed != null) {
      throw closed;
    }
    Subscription[] own = new Subscription[1];
    own[0] = new Subscription(() -> forget(own[0]));
    subscriptions.add(own[0]);
    return own[0];
  }

  private synchronized void forget(Subscription subscription) {
    subscriptions.remove(subscription);
  }

  @Override
  public synchronized void created(Sandbox sandbox) {
    tell(sandbox, ContainerEventType.CONTAINER_CREATED_EVENT);
    tell(sandbox, ContainerEventType.CONTAINER_STARTED_EVENT);
  }

  @Override
  public synchronized void stopped(Sandbox sandbox, List<Container> containers) {
    containers.forEach(this::stopped);
    tell(sandbox, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  @Override
  public synchronized void deleted(Sandbox sandbox) {
    tell(sandbox, ContainerEventType.CONTAINER_DELETED_EVENT);
  }

  @Override
  public synchronized void created(Container container) {
    tell(container, ContainerEventType.CONTAINER_CREATED_EVENT);
  }

  @Override
  public synchronized void started(Container container) {
    created(container);
    tell(container, ContainerEventType.CONTAINER_STARTED_EVENT);
  }

  /** Does nothing for one that never ran. */
  @Override
  public synchronized void stopped(Container container) {
    if (container.guest().state() instanceof State.Exited exited
        && !exited.startedAt().equals(Instant.EPOCH)) {
      started(container);
      tell(container, ContainerEventType.CONTAINER_STOPPED_EVENT);
    }
  }

  @Override
  public synchronized void deleted(Container container) {
    stopped(container);
    tell(container, ContainerEventType.CONTAINER_DELETED_EVENT);
  }

  private void tell(Sandbox sandbox, ContainerEventType type) {
    tell(sandbox, sandbox.id(), sandbox, type);
  }

  private void tell(Container container, ContainerEventType type) {
    tell(container, container.id(), container.sandbox(), type);
  }

  private void tell(Object subject, String id, Sandbox sandbox, ContainerEventType type) {
    ContainerEventType before = told.get(subject);
    if (before != null && before.getNumber() >= type.getNumber()) {
      return;
    }
    told.put(subject, type);
    if (subscriptions.isEmpty()) {
      return;
    }
    ContainerEventResponse.Builder event =
        ContainerEventResponse.newBuilder()
            .setContainerId(id)
            .setContainerEventType(type)
            .setCreatedAt(ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant()))
            .setPodSandboxStatus(SandboxViews.status(sandbox));
    pods.containersOf(sandbox)
        .forEach(container -> event.addContainersStatuses(ContainerViews.status(container)));
    ContainerEventResponse built = event.build();
    subscriptions.forEach(subscription -> subscription.tell(built));
  }

  /** Ends all subscriptions: the daemon stops. */
  @Override
  public synchronized void close() {
    Refusal stopping = Refusal.unavailable("the daemon is stopping; subscribe again to the next");
    closed = stopping;
    subscriptions.forEach(subscription -> subscription.end(stopping));
  }
}
