package dev.hull.tests.kubelet;

import dev.hull.cri.v1.ContainerEventResponse;
import dev.hull.cri.v1.ContainerEventType;
import dev.hull.cri.v1.GetEventsRequest;
import dev.hull.tests.harness.Daemon;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What a daemon tells by GetContainerEvents while it lives, as an evented PLEG listens. */
final class Events {
  private final List<ContainerEventResponse> told = new ArrayList<>();

  Events(Daemon daemon) {
    Iterator<ContainerEventResponse> stream =
        daemon.cri().runtime().getContainerEvents(GetEventsRequest.getDefaultInstance());
    Thread.ofVirtual().name("events").start(() -> listen(stream));
  }

  private void listen(Iterator<ContainerEventResponse> stream) {
    try {
      stream.forEachRemaining(this::add);
    } catch (StatusRuntimeException ended) {
      // The daemon has; a kubelet would ask its successor.
    }
  }

  private synchronized void add(ContainerEventResponse event) {
    told.add(event);
  }

  /** What happened to a container or a sandbox, in order. */
  synchronized List<ContainerEventType> of(String id) {
    return told.stream()
        .filter(event -> event.getContainerId().equals(id))
        .map(ContainerEventResponse::getContainerEventType)
        .toList();
  }
}
