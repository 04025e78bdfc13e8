package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.ForgetProcessRequest;
import dev.hull.guest.v1.InputRequest;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.guest.v1.ProcessesGrpc.ProcessesBlockingStub;
import dev.hull.guest.v1.ResizeRequest;
import dev.hull.guest.v1.SignalProcessRequest;
import dev.hull.guest.v1.WaitProcessRequest;
import dev.hull.vm.GuestContainer.Exec;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import io.grpc.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A process that was started in a running container. */
final class GuestExec implements Exec {
  private static final Duration QUICK = Duration.ofSeconds(30);
  private static final int MAX_INPUT_BYTES = 64 * 1024;
  private static final int SIGKILL = 9;

  private final GuestAgent agent;
  private final ProcessRef ref;

  GuestExec(GuestAgent agent, ProcessRef ref) {
    this.agent = agent;
    this.ref = ref;
  }

  private String process() {
    return "process %s of container %s".formatted(ref.getExecId(), ref.getContainerId());
  }

  private static ProcessesBlockingStub stub(Channel channel, Duration deadline) {
    return ProcessesGrpc.newBlockingStub(channel)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public Output output() {
    return new GuestOutput(agent, ref, 0);
  }

  @Override
  public void write(byte[] data) {
    for (int from = 0; from < data.length; from += MAX_INPUT_BYTES) {
      int length = Math.min(MAX_INPUT_BYTES, data.length - from);
      input(InputRequest.newBuilder().setRef(ref).setData(ByteString.copyFrom(data, from, length)));
    }
  }

  @Override
  public void closeInput() {
    input(InputRequest.newBuilder().setRef(ref).setClose(true));
  }

  private void input(InputRequest.Builder request) {
    agent.call(
        "write to " + process(),
        channel -> stub(channel, GuestAgent.PATIENT).input(request.build()));
  }

  @Override
  public void resize(int columns, int rows) {
    agent.call(
        "resize the terminal of " + process(),
        channel ->
            stub(channel, QUICK)
                .resize(
                    ResizeRequest.newBuilder()
                        .setRef(ref)
                        .setColumns(columns)
                        .setRows(rows)
                        .build()));
  }

  @Override
  public void signal(int signal) {
    agent.call(
        "signal " + process(),
        channel ->
            stub(channel, QUICK)
                .signal(SignalProcessRequest.newBuilder().setRef(ref).setSignal(signal).build()));
  }

  @Override
  public int await(Duration timeout) {
    return GuestStatus.exitCode(
        agent
            .call(
                "wait for " + process(),
                channel ->
                    stub(channel, timeout)
                        .wait(WaitProcessRequest.newBuilder().setRef(ref).build()))
            .getExitCode());
  }

  @Override
  public void close() {
    try {
      signal(SIGKILL);
      await(QUICK);
      agent.call(
          "forget " + process(),
          channel ->
              stub(channel, QUICK).forget(ForgetProcessRequest.newBuilder().setRef(ref).build()));
    } catch (MachineException e) {
      // A process that is gone, with its container, its machine or the connection, needs no
      // forgetting; the rest is the caller's to know.
      if (e.kind() != Kind.NOT_FOUND && e.kind() != Kind.UNAVAILABLE) {
        throw e;
      }
    }
  }
}
