package dev.hull.agent.connection;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.ConnectRequest;
import dev.hull.guest.v1.ConnectResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * One forwarded connection. The host's bytes are written to the server by the call's own thread,
 * one message at a time, and the next is asked for after that: a server that does not read holds
 * the host back. The server's bytes are read by a second virtual thread, which waits while the host
 * does not take them.
 *
 * <pre>
 *   host ──requests──▶ onNext ──▶ socket        both ended, or the socket broken, or the call
 *   host ◀──answers── reader ◀── socket         cancelled: everything is closed
 * </pre>
 */
final class ConnectCall implements StreamObserver<ConnectRequest> {
  private static final int MAX_DATA_BYTES = 64 * 1024;
  private static final int MAX_PORT = 65535;

  /** How the server is reached. */
  @FunctionalInterface
  interface Dialer {
    Socket connect(int port) throws IOException;
  }

  private final ServerCallStreamObserver<ConnectResponse> answer;
  private final Dialer dialer;
  private final Runnable onOver;
  private @Nullable Socket socket;
  private boolean hostEnded;
  private boolean serverEnded;
  private boolean over;

  /**
   * @param onOver called once, when nothing of the connection is left
   */
  ConnectCall(ServerCallStreamObserver<ConnectResponse> answer, Dialer dialer, Runnable onOver) {
    this.answer = answer;
    this.dialer = dialer;
    this.onOver = onOver;
    answer.disableAutoRequest();
    answer.setOnReadyHandler(this::wake);
    answer.setOnCancelHandler(this::abandon);
    // The handler above waits behind a write that blocks; this one does not.
    Context.current().addListener(context -> abandon(), Runnable::run);
    answer.request(1);
  }

  @Override
  public void onNext(ConnectRequest request) {
    Socket connected = socket();
    if (connected == null) {
      open(request);
    } else if (request.getData().size() > MAX_DATA_BYTES) {
      fail(
          Status.INVALID_ARGUMENT.withDescription("more than 64 KiB at once; send them in pieces"));
    } else {
      write(connected, request.getData());
    }
    answer.request(1);
  }

  private synchronized @Nullable Socket socket() {
    return socket;
  }

  private void open(ConnectRequest request) {
    if (request.getPort() < 1 || request.getPort() > MAX_PORT) {
      fail(
          Status.INVALID_ARGUMENT.withDescription(
              "ports are 1 to 65535, not " + Integer.toUnsignedString(request.getPort())));
      return;
    }
    Socket connected;
    try {
      connected = dialer.connect(request.getPort());
    } catch (IOException e) {
      fail(Status.FAILED_PRECONDITION.withDescription(e.getMessage()));
      return;
    }
    synchronized (this) {
      socket = connected;
      if (over) {
        closeSocket();
        return;
      }
      answer.onNext(ConnectResponse.getDefaultInstance());
    }
    Thread.ofVirtual().name("connection-" + request.getPort()).start(() -> read(connected));
  }

  private static void write(Socket connected, ByteString data) {
    try {
      data.writeTo(connected.getOutputStream());
    } catch (IOException e) {
      // A server may answer and hang up without having read all: what it sent is still on its way,
      // and its end, or the break, is what the reader finds.
      return;
    }
  }

  private void read(Socket connected) {
    byte[] bytes = new byte[MAX_DATA_BYTES];
    try {
      InputStream in = connected.getInputStream();
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        if (!send(ConnectResponse.newBuilder().setData(ByteString.copyFrom(bytes, 0, count)))) {
          return;
        }
      }
      if (send(ConnectResponse.newBuilder().setEnd(true))) {
        synchronized (this) {
          serverEnded = true;
        }
        endIfBothHave();
      }
    } catch (IOException e) {
      fail(
          Status.ABORTED.withDescription("the server broke the connection off: " + e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abandon();
    }
  }

  /** Waits until the host takes more; false if the call is over. */
  private synchronized boolean send(ConnectResponse.Builder response) throws InterruptedException {
    while (!over && !answer.isReady()) {
      wait();
    }
    if (!over) {
      answer.onNext(response.build());
    }
    return !over;
  }

  private synchronized void wake() {
    notifyAll();
  }

  @Override
  public void onCompleted() {
    Socket connected = socket();
    if (connected == null) {
      fail(Status.INVALID_ARGUMENT.withDescription("the first request must name the port"));
      return;
    }
    try {
      connected.shutdownOutput();
    } catch (IOException e) {
      // It is closed already; the reader says so.
      wake();
    }
    synchronized (this) {
      hostEnded = true;
    }
    endIfBothHave();
  }

  @Override
  public void onError(Throwable gone) {
    abandon();
  }

  private synchronized void endIfBothHave() {
    if (hostEnded && serverEnded && end()) {
      answer.onCompleted();
    }
  }

  private synchronized void fail(Status status) {
    if (end()) {
      answer.onError(status.asRuntimeException());
    }
  }

  /** The host is gone. */
  private synchronized void abandon() {
    end();
  }

  /** True the first time. */
  private synchronized boolean end() {
    if (over) {
      return false;
    }
    over = true;
    closeSocket();
    notifyAll();
    onOver.run();
    return true;
  }

  private synchronized void closeSocket() {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        System.err.println("connection: " + e);
      }
    }
  }
}
