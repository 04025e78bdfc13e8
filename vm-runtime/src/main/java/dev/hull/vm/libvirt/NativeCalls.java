package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.libvirt.LibvirtException;

/**
 * Calls into libvirt: on a few platform threads, for a native call holds its carrier, each with a
 * deadline, and with errors made ours. A call that misses its deadline goes on and keeps its
 * thread; nothing can take it back.
 */
final class NativeCalls implements AutoCloseable {
  /**
   * Also the name of what libvirt forks from them, until it becomes QEMU; at most 15 characters.
   */
  static final String THREAD_NAME = "hull-libvirt-";

  private static final int THREADS = 4;

  /** One call. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws LibvirtException;
  }

  /** A call without a result. */
  @FunctionalInterface
  interface Command {
    void run() throws LibvirtException;
  }

  private final ProcessWatch processes;
  private final Affinity affinity;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name(THREAD_NAME, 0).factory());

  NativeCalls(ProcessWatch processes, Affinity affinity) {
    this.processes = processes;
    this.affinity = affinity;
  }

  /** {@code doing} begins the error's sentence: {@code cannot <doing>: <libvirt's words>}. */
  <T> T call(String doing, Duration deadline, Call<T> call) {
    Future<T> result;
    try {
      result = threads.submit(() -> affinity.onOneCpu(() -> translated(doing, call)));
    } catch (RejectedExecutionException e) {
      throw new MachineException(
          Kind.UNAVAILABLE, "cannot " + doing + ": the hypervisor has been closed", e);
    }
    try (ProcessWatch.Busy _ = processes.busy()) {
      return result.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new MachineException(
          Kind.DEADLINE,
          "cannot %s: libvirt has not answered after %d s".formatted(doing, deadline.toSeconds()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(Kind.UNAVAILABLE, "cannot " + doing + ": interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MachineException failure) {
        throw failure;
      }
      throw new MachineException(Kind.INTERNAL, "cannot " + doing + ": " + e.getCause(), e);
    }
  }

  void run(String doing, Duration deadline, Command command) {
    // The result only satisfies the signature.
    var _ =
        call(
            doing,
            deadline,
            () -> {
              command.run();
              return true;
            });
  }

  private static <T> T translated(String doing, Call<T> call) {
    try {
      return call.run();
    } catch (LibvirtException e) {
      throw Failures.translate(doing, e);
    }
  }

  /** Gives calls that run a moment to end. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
