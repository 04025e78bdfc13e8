package dev.hull.cli.stream;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A WebSocket of Kubernetes' channels: the first byte of each message says which channel it is of.
 * One message is on its way at a time, so who sends is held back by who does not read.
 */
final class ChannelSocket implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration SEND = Duration.ofMinutes(5);
  private static final int NORMAL = 1000;
  // RFC 6455, 7.1.5: what a connection has that ends without a word.
  private static final int HUNG_UP = 1006;

  private final HttpClient client;
  private final WebSocket socket;
  private final Semaphore turn = new Semaphore(1);
  private final CompletableFuture<Void> closed;

  private ChannelSocket(HttpClient client, WebSocket socket, CompletableFuture<Void> closed) {
    this.client = client;
    this.socket = socket;
    this.closed = closed;
  }

  /** Gets whole messages, in order, one at a time. */
  @FunctionalInterface
  interface Receiver {
    void message(int channel, ByteBuffer bytes) throws IOException;
  }

  static ChannelSocket connect(String url, String protocol, Receiver receiver)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    try {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .connectTimeout(CONNECT)
              .subprotocols(protocol)
              .buildAsync(
                  URI.create(url.replaceFirst("^http", "ws")), new Listener(receiver, closed))
              .get(CONNECT.toSeconds(), TimeUnit.SECONDS);
      return new ChannelSocket(client, socket, closed);
    } catch (ExecutionException | TimeoutException e) {
      client.shutdownNow();
      throw new IOException("the daemon's streaming server did not answer: " + e.getMessage(), e);
    }
  }

  /** Puts the pieces of messages together. */
  private static final class Listener implements WebSocket.Listener {
    private static final int MOST = 4 << 20;
    private final Receiver receiver;
    private final CompletableFuture<Void> closed;
    private ByteBuffer message = ByteBuffer.allocate(64 << 10);

    Listener(Receiver receiver, CompletableFuture<Void> closed) {
      this.receiver = receiver;
      this.closed = closed;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
      try {
        if (message.remaining() < data.remaining()) {
          int needed = message.position() + data.remaining();
          if (needed > MOST) {
            throw new IOException("a message of more than " + MOST + " bytes");
          }
          message =
              ByteBuffer.allocate(Math.max(needed, 2 * message.capacity())).put(message.flip());
        }
        message.put(data);
        if (last) {
          message.flip();
          if (message.hasRemaining()) {
            receiver.message(message.get() & 0xff, message.slice());
          }
          message.clear();
        }
        webSocket.request(1);
      } catch (IOException e) {
        closed.completeExceptionally(e);
        webSocket.abort();
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
      if (statusCode == HUNG_UP) {
        closed.completeExceptionally(new IOException("the daemon has hung up"));
      } else {
        closed.complete(null);
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      closed.completeExceptionally(error);
    }
  }

  void send(int channel, byte[] bytes, int length) throws IOException, InterruptedException {
    ByteBuffer message = ByteBuffer.allocate(length + 1).put((byte) channel).put(bytes, 0, length);
    turn.acquire();
    try {
      var _ = socket.sendBinary(message.flip(), true).get(SEND.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the connection is gone", e);
    } finally {
      turn.release();
    }
  }

  boolean isClosed() {
    return closed.isDone();
  }

  /** Waits for the other side's end. */
  void awaitClose() throws IOException, InterruptedException {
    try {
      closed.get();
    } catch (ExecutionException e) {
      throw new IOException("the connection broke: " + e.getCause(), e);
    }
  }

  /** Ends it, which whoever waits for its end takes as an ordinary one. Idempotent. */
  @Override
  public void close() {
    closed.complete(null);
    try {
      var _ = socket.sendClose(NORMAL, "").orTimeout(1, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      socket.abort();
    }
    client.shutdownNow();
  }
}
