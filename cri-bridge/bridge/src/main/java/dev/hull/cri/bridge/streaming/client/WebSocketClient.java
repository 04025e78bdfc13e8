package dev.hull.cri.bridge.streaming.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A client that speaks Kubernetes' protocols over a WebSocket: each message begins with its
 * channel. Messages that are not read stop the connection after {@value #WAITING}.
 */
public final class WebSocketClient implements AutoCloseable {
  private static final int WAITING = 64;
  private static final int END = 255;
  private static final int PIECE_BYTES = 32 * 1024;

  private final HttpClient http;
  private final Map<Integer, BlockingQueue<Optional<byte[]>>> channels = new ConcurrentHashMap<>();
  private final Semaphore room = new Semaphore(WAITING);
  private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private @Nullable WebSocket socket;

  private WebSocketClient(HttpClient http) {
    this.http = http;
  }

  /**
   * Connects.
   *
   * @param protocols in the order in which they are preferred; none for none
   * @throws UpgradeException if the server refuses
   */
  public static WebSocketClient open(URI url, String... protocols) throws IOException {
    WebSocketClient client = new WebSocketClient(HttpClient.newHttpClient());
    WebSocket.Builder builder = client.http.newWebSocketBuilder();
    if (protocols.length > 0) {
      String[] others = new String[protocols.length - 1];
      System.arraycopy(protocols, 1, others, 0, others.length);
      builder = builder.subprotocols(protocols[0], others);
    }
    try {
      client.socket =
          builder
              .buildAsync(URI.create(url.toString().replaceFirst("^http", "ws")), client.listener())
              .join();
      return client;
    } catch (CompletionException e) {
      client.http.close();
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        throw new UpgradeException(
            refused.getResponse().statusCode(), refused.getResponse().headers().map(), "");
      }
      throw new IOException(e.getCause());
    }
  }

  /** What the server chose; empty for none. */
  public String protocol() {
    return connected().getSubprotocol();
  }

  private WebSocket connected() {
    WebSocket open = socket;
    if (open == null) {
      throw new IllegalStateException("not connected");
    }
    return open;
  }

  private WebSocket.Listener listener() {
    return new WebSocket.Listener() {
      private final ByteArrayOutputStream message = new ByteArrayOutputStream();

      @Override
      public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        message.writeBytes(bytes);
        if (last) {
          byte[] whole = message.toByteArray();
          message.reset();
          byte[] content = new byte[whole.length - 1];
          System.arraycopy(whole, 1, content, 0, content.length);
          room.acquireUninterruptibly();
          queue(whole[0] & 0xff).add(Optional.of(content));
        }
        from.request(1);
        return null;
      }

      @Override
      public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        ended(code);
        return null;
      }

      @Override
      public void onError(WebSocket from, Throwable error) {
        ended(0);
      }
    };
  }

  private void ended(int code) {
    closeCode.complete(code);
    channels.values().forEach(queue -> queue.add(Optional.empty()));
  }

  private BlockingQueue<Optional<byte[]>> queue(int channel) {
    return channels.computeIfAbsent(
        channel,
        _ -> {
          BlockingQueue<Optional<byte[]>> queue = new LinkedBlockingQueue<>();
          if (closeCode.isDone()) {
            queue.add(Optional.empty());
          }
          return queue;
        });
  }

  /** Waits for the end of the connection; the code of its close, 0 if it just broke. */
  public int awaitClose() {
    return closeCode.join();
  }

  /** Sends to a channel, in messages of at most 32 KiB. */
  public void send(int channel, byte[] data) {
    for (int from = 0; from < data.length; from += PIECE_BYTES) {
      int length = Math.min(PIECE_BYTES, data.length - from);
      ByteBuffer message = ByteBuffer.allocate(length + 1);
      message.put((byte) channel).put(data, from, length).flip();
      var _ = connected().sendBinary(message, true).join();
    }
  }

  /** Sends one message in two frames. */
  public void sendInTwo(int channel, byte[] first, byte[] second) {
    ByteBuffer begin = ByteBuffer.allocate(first.length + 1);
    begin.put((byte) channel).put(first).flip();
    var _ = connected().sendBinary(begin, false).join();
    var _ = connected().sendBinary(ByteBuffer.wrap(second), true).join();
  }

  /** Ends a channel, as version 5 has it. */
  public void end(int channel) {
    var _ =
        connected()
            .sendBinary(ByteBuffer.wrap(new byte[] {(byte) END, (byte) channel}), true)
            .join();
  }

  /** The next message of a channel, without its number; null when the connection has ended. */
  public byte @Nullable [] read(int channel) throws InterruptedException {
    BlockingQueue<Optional<byte[]>> queue = queue(channel);
    Optional<byte[]> message = queue.take();
    if (message.isEmpty()) {
      queue.add(message);
      return null;
    }
    room.release();
    return message.get();
  }

  /** All messages of a channel until the connection has ended. */
  public byte[] readAll(int channel) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] message = read(channel); message != null; message = read(channel)) {
      all.writeBytes(message);
    }
    return all.toByteArray();
  }

  /** As text, until it contains {@code text}, which must come. */
  public String readUntil(int channel, String text) throws IOException, InterruptedException {
    StringBuilder said = new StringBuilder();
    while (said.indexOf(text) < 0) {
      byte[] message = read(channel);
      if (message == null) {
        throw new IOException("'%s' did not come, but: %s".formatted(text, said));
      }
      said.append(new String(message, StandardCharsets.UTF_8));
    }
    return said.toString();
  }

  @Override
  public void close() {
    connected().abort();
    http.shutdownNow();
    http.close();
  }
}
