package dev.hull.agent.process;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.OutputChunk;
import dev.hull.guest.v1.OutputRequest;
import dev.hull.guest.v1.OutputStream;
import dev.hull.guest.v1.ProcessRef;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One caller of {@code Processes.Output}. It waits on no thread: news of the buffer, the host's
 * requests and its readiness to take more each send what there is.
 */
final class OutputCall implements StreamObserver<OutputRequest>, OutputBuffer.Listener {
  /** A few pieces wait in the transport, so that the line has something to do meanwhile. */
  private static final int QUEUE_BYTES = 256 * 1024;

  private final Function<ProcessRef, OutputBuffer> buffers;
  private final ServerCallStreamObserver<OutputChunk> answer;
  private @Nullable OutputBuffer buffer;
  private long ticket;
  private long position;
  private boolean over;

  OutputCall(
      Function<ProcessRef, OutputBuffer> buffers, ServerCallStreamObserver<OutputChunk> answer) {
    this.buffers = buffers;
    this.answer = answer;
    answer.setOnReadyThreshold(QUEUE_BYTES);
    answer.setOnReadyHandler(this::changed);
    answer.setOnCancelHandler(this::leave);
  }

  @Override
  public void onNext(OutputRequest request) {
    try {
      OutputBuffer known = buffer();
      if (known == null) {
        open(request);
      } else {
        known.acknowledge(request.getOffset());
      }
    } catch (IllegalArgumentException e) {
      fail(Status.OUT_OF_RANGE.withDescription(e.getMessage()));
    } catch (RuntimeException e) {
      fail(Answers.statusOf(e));
    }
  }

  private void open(OutputRequest request) {
    OutputBuffer found = buffers.apply(request.getRef());
    long from = request.getOffset();
    if (from < found.begin()) {
      throw new IllegalArgumentException(
          "byte %d is wanted, but everything below %d was acknowledged and is gone"
              .formatted(from, found.begin()));
    }
    found.acknowledge(from);
    synchronized (this) {
      buffer = found;
      position = from;
    }
    long given = found.listen(this);
    synchronized (this) {
      ticket = given;
    }
    changed();
  }

  private synchronized @Nullable OutputBuffer buffer() {
    return buffer;
  }

  @Override
  public synchronized void changed() {
    OutputBuffer from = buffer;
    if (from == null || over) {
      return;
    }
    while (answer.isReady()) {
      Optional<OutputBuffer.Piece> piece = from.read(position);
      if (piece.isEmpty()) {
        break;
      }
      answer.onNext(chunk(piece.get()));
      position = piece.get().end();
    }
    if (from.ended(position)) {
      over = true;
      from.ignore(ticket);
      answer.onCompleted();
    }
  }

  @Override
  public void replaced() {
    fail(Status.ABORTED.withDescription("another caller reads this output now"));
  }

  @Override
  public void onError(Throwable error) {
    leave();
  }

  /** The host has nothing more to acknowledge, but may still want output. */
  @Override
  public void onCompleted() {}

  private synchronized void leave() {
    over = true;
    if (buffer != null) {
      buffer.ignore(ticket);
    }
  }

  private synchronized void fail(Status status) {
    if (!over) {
      leave();
      answer.onError(status.asRuntimeException());
    }
  }

  private static OutputChunk chunk(OutputBuffer.Piece piece) {
    ByteString data = piece.data();
    return OutputChunk.newBuilder()
        .setOffset(piece.offset())
        .setStream(
            switch (piece.stream()) {
              case STDOUT -> OutputStream.OUTPUT_STREAM_STDOUT;
              case STDERR -> OutputStream.OUTPUT_STREAM_STDERR;
            })
        .setData(data)
        .setTimeUnixNanos(piece.timeUnixNanos())
        .build();
  }
}
