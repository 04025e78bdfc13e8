package dev.hull.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.OutputChunk;
import dev.hull.guest.v1.OutputRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputCallTest {
  private final OutputBuffer buffer = new OutputBuffer(1000, 1, () -> {});

  /** The host's side of a call. */
  private static final class Host extends ServerCallStreamObserver<OutputChunk> {
    private final List<String> got = new ArrayList<>();
    private boolean ready = true;
    private Runnable onReady = () -> {};
    private Status failed = Status.OK;
    private boolean completed;

    @Override
    public void onNext(OutputChunk chunk) {
      got.add(chunk.getOffset() + ":" + chunk.getData().toStringUtf8());
    }

    @Override
    public void onError(Throwable error) {
      failed = Status.fromThrowable(error);
    }

    @Override
    public void onCompleted() {
      completed = true;
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }

  private OutputCall call(Host host, long offset) {
    OutputCall call = new OutputCall(ref -> buffer, host);
    call.onNext(OutputRequest.newBuilder().setOffset(offset).build());
    return call;
  }

  private void append(String text) {
    buffer.append(OutputBuffer.Stream.STDOUT, ByteString.copyFromUtf8(text), 1);
  }

  @Test
  void aHostThatComesBackGoesOnWhereItWasAndTheCallBeforeItEnds() {
    Host before = new Host();
    call(before, 0);
    append("abc");
    append("def");
    Host after = new Host();
    call(after, 3);
    append("ghi");
    assertThat(before.got).containsExactly("0:abc", "3:def");
    assertThat(before.failed.getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(after.got).containsExactly("3:def", "6:ghi");
  }

  @Test
  void aHostThatIsNotReadyGetsNothingUntilItIs() {
    Host host = new Host();
    host.ready = false;
    call(host, 0);
    append("abc");
    assertThat(host.got).isEmpty();
    host.ready = true;
    host.onReady.run();
    assertThat(host.got).containsExactly("0:abc");
  }

  @Test
  void theCallEndsAfterTheLastByteOfAnEndedOutput() {
    append("abc");
    buffer.streamEnded();
    Host host = new Host();
    call(host, 0);
    assertThat(host.got).containsExactly("0:abc");
    assertThat(host.completed).isTrue();
  }

  @Test
  void whatWasAcknowledgedCannotBeHadAgain() {
    append("abc");
    Host host = new Host();
    call(host, 0).onNext(OutputRequest.newBuilder().setOffset(3).build());
    Host late = new Host();
    call(late, 1);
    assertThat(late.failed.getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
    assertThat(late.failed.getDescription())
        .isEqualTo("byte 1 is wanted, but everything below 3 was acknowledged and is gone");
  }
}
