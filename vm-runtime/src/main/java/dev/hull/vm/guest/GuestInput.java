package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.InputRequest;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.guest.v1.ProcessesGrpc.ProcessesBlockingStub;
import dev.hull.guest.v1.ResizeRequest;
import dev.hull.vm.GuestContainer.Input;
import io.grpc.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Standard input and terminal of a process. */
final class GuestInput implements Input {
  static final Duration QUICK = Duration.ofSeconds(30);
  private static final int MAX_INPUT_BYTES = 64 * 1024;

  private final GuestAgent agent;
  private final ProcessRef ref;

  GuestInput(GuestAgent agent, ProcessRef ref) {
    this.agent = agent;
    this.ref = ref;
  }

  private String process() {
    return ref.getExecId().isEmpty()
        ? "container " + ref.getContainerId()
        : "process %s of container %s".formatted(ref.getExecId(), ref.getContainerId());
  }

  static ProcessesBlockingStub stub(Channel channel, Duration deadline) {
    return ProcessesGrpc.newBlockingStub(channel)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void write(byte[] data) {
    for (int from = 0; from < data.length; from += MAX_INPUT_BYTES) {
      int length = Math.min(MAX_INPUT_BYTES, data.length - from);
      send(InputRequest.newBuilder().setRef(ref).setData(ByteString.copyFrom(data, from, length)));
    }
  }

  @Override
  public void closeInput() {
    send(InputRequest.newBuilder().setRef(ref).setClose(true));
  }

  private void send(InputRequest.Builder request) {
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
}
