package dev.hull.cri.bridge.container;

import com.google.protobuf.ByteString;
import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.Exec;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs a command in a container and returns its output: of both streams together as much as fits
 * into one answer, the rest is read and dropped. After the caller's timeout, or when the caller
 * gives up, the command is killed.
 */
public final class ExecSyncCall implements Call<ExecSyncRequest, ExecSyncResponse> {
  /** The largest message that a client accepts is 16 MiB, with its framing. */
  static final int OUTPUT_BYTES = 16 * 1024 * 1024 - 4096;

  /** How long output may still come after the exit, from processes that the command left behind. */
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final Duration FOREVER = Duration.ofDays(365);

  private final Pods pods;

  public ExecSyncCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ExecSyncResponse answer(ExecSyncRequest request) {
    if (request.getCmdCount() == 0) {
      throw Refusal.invalid("cmd must not be empty");
    }
    if (request.getTimeout() < 0) {
      throw Refusal.invalid("timeout must not be negative: " + request.getTimeout());
    }
    Container container = pods.container(request.getContainerId());
    if (!(container.guest().state() instanceof State.Running)) {
      throw Refusal.state(
          "cannot run a command in the container %s: it does not run".formatted(container.id()));
    }
    Exec exec =
        container.guest().exec(new GuestContainer.Command(request.getCmdList(), false, false));
    try (Context.CancellableContext watch = Context.current().withCancellation();
        exec) {
      watch.addListener(_ -> exec.close(), Runnable::run);
      return run(container, exec, request);
    }
  }

  private static ExecSyncResponse run(Container container, Exec exec, ExecSyncRequest request) {
    Collector collector = new Collector(exec);
    Thread.ofVirtual().name("exec-" + container.id()).start(collector);
    Duration timeout =
        request.getTimeout() == 0 ? FOREVER : Duration.ofSeconds(request.getTimeout());
    int exitCode;
    try {
      exitCode = exec.await(timeout);
    } catch (MachineException e) {
      if (e.kind() == MachineException.Kind.DEADLINE) {
        throw Refusal.deadline(
            "the command %s in the container %s did not end within %d s and was killed"
                .formatted(request.getCmd(0), container.id(), request.getTimeout()));
      }
      throw e;
    }
    collector.awaitEnd(DRAIN);
    return collector.response(exitCode);
  }

  private static final class Collector implements Runnable {
    private final Exec exec;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ByteString.Output out = ByteString.newOutput();
    private final ByteString.Output err = ByteString.newOutput();

    Collector(Exec exec) {
      this.exec = exec;
    }

    @Override
    public void run() {
      try (GuestContainer.Output output = exec.output()) {
        for (var chunk = output.next(); chunk != null; chunk = output.next()) {
          long end = chunk.offset() + chunk.data().remaining();
          keep(chunk);
          output.acknowledge(end);
        }
      } catch (MachineException _) {
        // The machine is gone or the command was killed; await() of the exit says so.
        return;
      } finally {
        ended.countDown();
      }
    }

    private synchronized void keep(GuestContainer.Output.Chunk chunk) {
      byte[] bytes =
          new byte[Math.min(chunk.data().remaining(), OUTPUT_BYTES - out.size() - err.size())];
      chunk.data().duplicate().get(bytes);
      (chunk.stderr() ? err : out).write(bytes, 0, bytes.length);
    }

    void awaitEnd(Duration timeout) {
      try {
        var _ = ended.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }

    synchronized ExecSyncResponse response(int exitCode) {
      return ExecSyncResponse.newBuilder()
          .setStdout(out.toByteString())
          .setStderr(err.toByteString())
          .setExitCode(exitCode)
          .build();
    }
  }
}
