package dev.hull.agent.process;

import dev.hull.agent.io.OutputFlow;
import dev.hull.guest.v1.OutputResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** One caller of {@code Processes.Output}, who is told the end alone. */
final class OutputCall implements OutputFlow.Listener {
  private final StreamObserver<OutputResponse> answer;

  OutputCall(StreamObserver<OutputResponse> answer) {
    this.answer = answer;
  }

  @Override
  public void ended(long end) {
    Answers.send(answer, OutputResponse.newBuilder().setEnd(end).build());
  }

  @Override
  public void replaced() {
    fail(Status.ABORTED.withDescription("another caller reads this output now"));
  }

  @Override
  public void refused(String why) {
    fail(Status.OUT_OF_RANGE.withDescription(why));
  }

  @Override
  public void forgotten() {
    fail(Status.NOT_FOUND.withDescription("the process is forgotten, and its output with it"));
  }

  @Override
  public void broken(String why) {
    fail(Status.INTERNAL.withDescription(why));
  }

  private void fail(Status status) {
    answer.onError(status.asRuntimeException());
  }
}
