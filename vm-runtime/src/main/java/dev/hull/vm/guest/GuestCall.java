package dev.hull.vm.guest;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call with messages both ways that blocks its readers and writers: a message is asked for when
 * the one before it has been taken, and written when the channel has room. One thread may read
 * while another writes; any may cancel.
 */
final class GuestCall<Q, A> {
  private final Queue<A> came = new ArrayDeque<>();
  private final ClientCallStreamObserver<Q> requests;
  private @Nullable Status end;

  /**
   * Begins the call.
   *
   * @param method of an asynchronous stub
   */
  GuestCall(Function<StreamObserver<A>, StreamObserver<Q>> method) {
    // What a method of a stub returns for a call with messages both ways.
    this.requests = (ClientCallStreamObserver<Q>) method.apply(new Answers());
  }

  private final class Answers implements ClientResponseObserver<Q, A> {
    @Override
    public void beforeStart(ClientCallStreamObserver<Q> call) {
      call.disableAutoRequestWithInitial(1);
      call.setOnReadyHandler(GuestCall.this::ready);
    }

    @Override
    public void onNext(A answer) {
      synchronized (GuestCall.this) {
        came.add(answer);
        GuestCall.this.notifyAll();
      }
    }

    @Override
    public void onError(Throwable error) {
      ended(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      ended(Status.OK);
    }
  }

  private synchronized void ready() {
    notifyAll();
  }

  private synchronized void ended(Status status) {
    end = status;
    notifyAll();
  }

  /**
   * Blocks for the next message; null after the end.
   *
   * @throws StatusException if the call failed; after what had come
   */
  @Nullable A read() throws StatusException, InterruptedException {
    A answer;
    synchronized (this) {
      while (came.isEmpty() && end == null) {
        wait();
      }
      answer = came.poll();
      if (answer == null) {
        requireNoFailure();
        return null;
      }
    }
    requests.request(1);
    return answer;
  }

  /**
   * Blocks until the channel has room. False once the other side has ended the call: what is
   * written then has no reader.
   *
   * @throws TimeoutException if there is no room for as long as {@code patience}; nothing was sent
   */
  boolean write(Q request, Duration patience)
      throws StatusException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (this) {
      while (end == null && !requests.isReady()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new TimeoutException();
        }
        // Rounded up: no wait of 0, which were one without an end.
        wait(left / 1_000_000 + 1);
      }
      if (end != null) {
        requireNoFailure();
        return false;
      }
    }
    requests.onNext(request);
    return true;
  }

  private void requireNoFailure() throws StatusException {
    if (end != null && !end.isOk()) {
      throw end.asException();
    }
  }

  /** Nothing more will be written. Does nothing after the end. */
  void halfClose() {
    synchronized (this) {
      if (end != null) {
        return;
      }
    }
    requests.onCompleted();
  }

  /** Ends the call; whoever reads or writes is told. */
  void cancel(String reason) {
    requests.cancel(reason, Status.CANCELLED.asException());
  }
}
