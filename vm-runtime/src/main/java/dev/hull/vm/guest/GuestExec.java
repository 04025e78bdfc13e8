package dev.hull.vm.guest;

import dev.hull.guest.v1.ForgetProcessRequest;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.SignalProcessRequest;
import dev.hull.guest.v1.WaitProcessRequest;
import dev.hull.vm.GuestContainer.Exec;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.time.Duration;

/** A process that was started in a running container. */
final class GuestExec implements Exec {
  private static final int SIGKILL = 9;

  private final GuestAgent agent;
  private final ProcessRef ref;
  private final GuestInput input;

  GuestExec(GuestAgent agent, ProcessRef ref) {
    this.agent = agent;
    this.ref = ref;
    this.input = new GuestInput(agent, ref);
  }

  private String process() {
    return "process %s of container %s".formatted(ref.getExecId(), ref.getContainerId());
  }

  @Override
  public Output output() {
    return new GuestOutput(agent, ref, 0);
  }

  @Override
  public void write(byte[] data) {
    input.write(data);
  }

  @Override
  public void closeInput() {
    input.closeInput();
  }

  @Override
  public void resize(int columns, int rows) {
    input.resize(columns, rows);
  }

  @Override
  public void signal(int signal) {
    agent.call(
        "signal " + process(),
        channel ->
            GuestInput.stub(channel, GuestInput.QUICK)
                .signal(SignalProcessRequest.newBuilder().setRef(ref).setSignal(signal).build()));
  }

  @Override
  public int await(Duration timeout) {
    return GuestStatus.exitCode(
        agent
            .call(
                "wait for " + process(),
                channel ->
                    GuestInput.stub(channel, timeout)
                        .wait(WaitProcessRequest.newBuilder().setRef(ref).build()))
            .getExitCode());
  }

  @Override
  public void close() {
    try {
      signal(SIGKILL);
      await(GuestInput.QUICK);
      agent.call(
          "forget " + process(),
          channel ->
              GuestInput.stub(channel, GuestInput.QUICK)
                  .forget(ForgetProcessRequest.newBuilder().setRef(ref).build()));
    } catch (MachineException e) {
      // A process that is gone, with its container, its machine or the connection, needs no
      // forgetting; the rest is the caller's to know.
      if (e.kind() != Kind.NOT_FOUND && e.kind() != Kind.UNAVAILABLE) {
        throw e;
      }
    }
  }
}
