package dev.hull.tests.bench;

import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Pods without containers that stand beside each other, copies of one template. Closing it stops
 * and removes them.
 */
final class Crowd implements AutoCloseable {
  private static final int CLOSED_AT_A_TIME = 4;

  private final Daemon daemon;
  private final Path logs;
  private final List<TestPod> pods = Collections.synchronizedList(new ArrayList<>());

  Crowd(Daemon daemon, Path logs) {
    this.daemon = daemon;
    this.logs = logs;
  }

  /**
   * Adds one.
   *
   * @return the time of RunPodSandbox
   * @throws HostException if it does not start, or boots
   */
  Duration add() throws HostException {
    Stopwatch watch = new Stopwatch();
    TestPod pod;
    try {
      pod = TestPod.run(daemon, logs);
    } catch (RuntimeException e) {
      throw new HostException(
          "a pod beside %d others did not start: %s".formatted(pods.size(), e.getMessage()), e);
    }
    Duration took = watch.elapsed();
    pods.add(pod);
    SandboxInfo.of(pod).requireCopy();
    return took;
  }

  /** Adds many, so many at a time; all are tried, and the first failure is thrown then. */
  List<Duration> add(int many, int atATime) throws HostException {
    List<Callable<Duration>> starts = Collections.nCopies(many, this::add);
    try (ExecutorService threads = Executors.newFixedThreadPool(atATime)) {
      List<Duration> times = new ArrayList<>();
      for (Future<Duration> start : threads.invokeAll(starts)) {
        times.add(start.get());
      }
      return times;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HostException failure) {
        throw failure;
      }
      throw new HostException("a pod did not start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted while starting pods", e);
    }
  }

  /** What all of their machines take together. */
  double memoryMib() {
    return List.copyOf(pods).stream()
        .mapToDouble(pod -> HostMemory.idlePodMib(MachineProcesses.of(pod.id())))
        .sum();
  }

  @Override
  public void close() {
    try (ExecutorService threads = Executors.newFixedThreadPool(CLOSED_AT_A_TIME)) {
      List<Callable<Object>> ends =
          List.copyOf(pods).stream().map(pod -> Executors.callable(pod::close)).toList();
      for (Future<Object> end : threads.invokeAll(ends)) {
        end.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a pod cannot be removed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while removing pods", e);
    }
  }
}
