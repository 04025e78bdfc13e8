package dev.hull.agent.container;

import dev.hull.agent.process.ProcessDirectory;
import dev.hull.agent.process.RunningProcess;
import dev.hull.agent.stats.Counted;
import dev.hull.agent.stats.StatsSource;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.Resources;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** All containers of the pod, by id. Safe for use by several threads. */
final class Containers implements ProcessDirectory, StatsSource {
  private static final int MAX_CONTAINERS = 1024;
  private final ContainerParts parts;
  private final Map<String, Container> containers = new ConcurrentHashMap<>();

  /** Creating and removing exclude each other; everything else is the container's own matter. */
  private final ReentrantLock lifecycle = new ReentrantLock();

  private boolean stopping;

  Containers(ContainerParts parts) {
    this.parts = parts;
  }

  void create(String id, ContainerSpec spec)
      throws IOException, InterruptedException, TimeoutException {
    SpecCheck.id(id);
    SpecCheck.container(spec);
    lifecycle.lockInterruptibly();
    try {
      Container present = containers.get(id);
      if (present != null) {
        if (!present.spec().equals(spec)) {
          throw Status.ALREADY_EXISTS
              .withDescription("container " + id + " exists with another specification")
              .asRuntimeException();
        }
        return;
      }
      if (stopping) {
        throw Status.FAILED_PRECONDITION
            .withDescription("container " + id + " cannot be created: the machine is being stopped")
            .asRuntimeException();
      }
      if (containers.size() >= MAX_CONTAINERS) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription("the pod has %d containers; remove some".formatted(MAX_CONTAINERS))
            .asRuntimeException();
      }
      containers.put(id, Container.prepare(id, spec, parts, this));
    } finally {
      lifecycle.unlock();
    }
  }

  void update(String id, Resources resources, int oomScoreAdj) throws IOException {
    SpecCheck.limits(resources, oomScoreAdj);
    get(id).update(resources, oomScoreAdj);
  }

  Container get(String id) {
    return find(id)
        .orElseThrow(
            () ->
                Status.NOT_FOUND
                    .withDescription("there is no container " + id)
                    .asRuntimeException());
  }

  private Optional<Container> find(String id) {
    return Optional.ofNullable(containers.get(SpecCheck.id(id)));
  }

  List<ContainerStatus> list() {
    return containers.values().stream().map(Container::status).toList();
  }

  void remove(String id) throws IOException, InterruptedException, TimeoutException {
    lifecycle.lockInterruptibly();
    try {
      Optional<Container> container = find(id);
      if (container.isPresent()) {
        container.get().remove();
        containers.remove(id);
      }
    } finally {
      lifecycle.unlock();
    }
  }

  @Override
  public List<Counted> counted(String id) {
    return (id.isEmpty() ? containers.values() : List.of(get(id)))
        .stream().map(Container::counted).toList();
  }

  /**
   * Ends all containers for good: SIGTERM to each first process, SIGKILL to what is left after
   * {@code grace}; returns when they are gone and unmounted. What cannot be unmounted is left, for
   * the machine ends next. Does nothing the second time.
   */
  void stop(Duration grace) {
    lifecycle.lock();
    try {
      stopping = true;
    } finally {
      lifecycle.unlock();
    }
    CompletableFuture<?>[] running =
        containers.values().stream()
            .filter(container -> terminate(container))
            .map(Container::exited)
            .toArray(CompletableFuture[]::new);
    await(running, grace);
    for (String id : containers.keySet()) {
      end("container " + id, () -> remove(id));
    }
    end("the pod's PID namespace", parts.namespaces()::close);
    parts.namespaces().unmountShm();
  }

  private interface Ending {
    void run() throws IOException, InterruptedException, TimeoutException;
  }

  private static void end(String what, Ending ending) {
    try {
      ending.run();
    } catch (IOException | TimeoutException | RuntimeException e) {
      System.err.println(what + " cannot be removed: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False if it does not run. */
  private static boolean terminate(Container container) {
    try {
      container.signal(ContainerSignals.TERMINATE, false);
      return !container.exited().isDone();
    } catch (IOException | StatusRuntimeException e) {
      return false;
    }
  }

  private static void await(CompletableFuture<?>[] ends, Duration deadline) {
    try {
      CompletableFuture.allOf(ends).get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // What is left is killed next.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public RunningProcess find(ProcessRef ref) {
    return get(ref.getContainerId()).process(ref.getExecId());
  }

  @Override
  public RunningProcess exec(ProcessRef ref, ProcessSpec spec) {
    SpecCheck.id(ref.getExecId());
    SpecCheck.process(spec);
    return get(ref.getContainerId()).exec(ref.getExecId(), spec);
  }

  @Override
  public void forget(ProcessRef ref) {
    find(ref.getContainerId()).ifPresent(container -> container.forget(ref.getExecId()));
  }
}
