package dev.hull.cri.bridge.store;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.MachineEvent;
import java.io.IOException;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandboxes and containers there are, by id or by a prefix of it that is unique. In memory
 * only: the machines' journal is the truth, and {@link Adoption} fills this from it.
 */
public final class Pods {
  private static final Logger LOG = LoggerFactory.getLogger(Pods.class);

  private final Map<String, Sandbox> sandboxes = new ConcurrentHashMap<>();
  private final Map<String, Container> containers = new ConcurrentHashMap<>();
  private final ContainerFolders folders;
  private final Names names;
  private final Clock clock;
  private volatile PodListener listener = PodListener.NONE;

  public Pods(ContainerFolders folders, Names names, Clock clock) {
    this.folders = folders;
    this.names = names;
    this.clock = clock;
  }

  public Names names() {
    return names;
  }

  /** From now on this one is told what happens, and no other. */
  public void listen(PodListener listener) {
    this.listener = listener;
  }

  public void add(Sandbox sandbox) {
    sandboxes.put(sandbox.id(), sandbox);
    listener.created(sandbox);
  }

  public Container add(Sandbox sandbox, ContainerFacts facts, GuestContainer guest) {
    Container container =
        new Container(sandbox, facts, guest, folders.folder(guest.spec().id()), clock);
    containers.put(container.id(), container);
    listener.created(container);
    return container;
  }

  /** A container has been started. */
  public void started(Container container) {
    listener.started(container);
  }

  /** A sandbox has been stopped. */
  public void stopped(Sandbox sandbox) {
    listener.stopped(sandbox, containersOf(sandbox));
  }

  /** Something has ended by itself. Returns at once. */
  public void ended(MachineEvent event) {
    switch (event) {
      case MachineEvent.ContainerExited exited ->
          findContainer(exited.containerId())
              .ifPresent(
                  container ->
                      Thread.ofVirtual()
                          .name("ended-" + container.id().substring(0, 12))
                          .start(() -> ended(container)));
      case MachineEvent.MachineStopped stopped ->
          findSandbox(stopped.machine().value()).ifPresent(this::stopped);
    }
  }

  /** Told when it is seen by everybody, so when its log is whole. */
  private void ended(Container container) {
    container.settle();
    listener.stopped(container);
  }

  public void forget(Sandbox sandbox) {
    sandboxes.remove(sandbox.id());
    listener.deleted(sandbox);
    names.release(Names.of(sandbox.config().getMetadata()));
  }

  /**
   * Removes a container for good: its processes, its log's record, its hold on the image. If a step
   * fails it is still known, and this can be called again.
   */
  public void remove(Container container) {
    container.lifecycle().lock();
    try {
      container.kill();
      container.guest().remove();
      container.closeLog();
      folders.release(container.id());
      containers.remove(container.id());
      listener.deleted(container);
      names.release(Names.of(container.sandbox().id(), container.config().getMetadata()));
    } finally {
      container.lifecycle().unlock();
    }
  }

  /** Oldest first. */
  public List<Sandbox> sandboxes() {
    return sandboxes.values().stream()
        .sorted(Comparator.comparingLong(Sandbox::createdAtNanos))
        .toList();
  }

  /** Oldest first. */
  public List<Container> containers() {
    return containers.values().stream()
        .sorted(Comparator.comparingLong(container -> container.facts().createdAtNanos()))
        .toList();
  }

  public List<Container> containersOf(Sandbox sandbox) {
    return containers().stream().filter(container -> container.sandbox() == sandbox).toList();
  }

  public Optional<Sandbox> findSandbox(String id) {
    return find(sandboxes, id, Sandbox::id);
  }

  public Optional<Container> findContainer(String id) {
    return find(containers, id, Container::id);
  }

  public Sandbox sandbox(String id) {
    return findSandbox(id)
        .orElseThrow(() -> Refusal.notFound("there is no pod sandbox " + quoted(id)));
  }

  public Container container(String id) {
    return findContainer(id)
        .orElseThrow(() -> Refusal.notFound("there is no container " + quoted(id)));
  }

  private static String quoted(String id) {
    return id.isEmpty() ? "with an empty id" : id;
  }

  private static <T> Optional<T> find(Map<String, T> all, String id, Function<T, String> idOf) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    T exact = all.get(id);
    if (exact != null) {
      return Optional.of(exact);
    }
    Collection<T> matches =
        all.values().stream().filter(item -> idOf.apply(item).startsWith(id)).limit(2).toList();
    if (matches.size() > 1) {
      throw Refusal.invalid("the id " + id + " fits more than one; give more digits");
    }
    return matches.stream().findFirst();
  }

  /** Begins to follow a container's output, where it can still come. */
  void followAfterRestart(Container container) {
    try {
      container.openLog();
      container.follow();
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("container_id", container.id())
          .log("cannot go on with the log: {}; output waits in the machine", e.getMessage());
    }
  }

  /** Stops following all output; what comes now waits in the machines. */
  public void closeLogs() {
    containers.values().forEach(Container::closeLog);
  }
}
