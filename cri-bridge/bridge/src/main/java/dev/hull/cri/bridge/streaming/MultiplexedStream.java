package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.ByteStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stream of SPDY, or a channel of a WebSocket. */
final class MultiplexedStream implements ByteStream {
  private static final int MAX_FRAME_BYTES = 32 * 1024;
  private static final int MAX_READ_BYTES = 64 * 1024;

  /** How the stream's bytes look in its protocol. */
  interface Framing {
    Object data(byte[] bytes, int offset, int length);

    /** What says that nothing more comes; empty if the protocol has no such thing. */
    Optional<Object> end();
  }

  private final Connection connection;
  private final Framing framing;
  private final Deque<byte[]> pieces = new ArrayDeque<>();
  private boolean clientEnded;
  private boolean discarding;
  private boolean broken;
  private boolean finished;

  MultiplexedStream(Connection connection, Framing framing) {
    this.connection = connection;
    this.framing = framing;
  }

  /** On the event loop: bytes of the client, which belong to this from now on. */
  void received(byte[] bytes) {
    synchronized (this) {
      if (clientEnded || discarding || broken || bytes.length == 0) {
        return;
      }
      pieces.add(bytes);
      notifyAll();
    }
    connection.received(bytes.length);
  }

  /** On the event loop: the client sends nothing more. */
  synchronized void clientEnded() {
    clientEnded = true;
    notifyAll();
  }

  /** The client wants neither direction any more, or is gone. */
  void broken() {
    synchronized (this) {
      broken = true;
      notifyAll();
    }
    drop();
  }

  /** Whether the client can still send or take anything. */
  synchronized boolean live() {
    return !broken && !(clientEnded && finished);
  }

  @Override
  public byte @Nullable [] read() throws IOException {
    byte[] piece;
    synchronized (this) {
      try {
        while (pieces.isEmpty() && !clientEnded && !discarding && !broken) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while reading from a client", e);
      }
      piece = take();
      if (piece == null && broken && !discarding && !clientEnded) {
        throw new IOException("the client has broken the stream off");
      }
    }
    if (piece != null) {
      connection.consumed(piece.length);
    }
    return piece;
  }

  /** Several small pieces as one: what it costs to pass one on does not depend on its size. */
  private byte @Nullable [] take() {
    byte[] first = pieces.poll();
    if (first == null || pieces.isEmpty()) {
      return first;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream(MAX_READ_BYTES);
    for (byte[] next = first; next != null; next = fitting(all.size())) {
      all.writeBytes(next);
    }
    return all.toByteArray();
  }

  private byte @Nullable [] fitting(int size) {
    byte[] next = pieces.peek();
    return next != null && size + next.length <= MAX_READ_BYTES ? pieces.poll() : null;
  }

  @Override
  public void discard() {
    synchronized (this) {
      discarding = true;
      notifyAll();
    }
    drop();
  }

  private void drop() {
    int dropped = 0;
    synchronized (this) {
      for (byte[] piece : pieces) {
        dropped += piece.length;
      }
      pieces.clear();
    }
    connection.consumed(dropped);
  }

  @Override
  public void write(byte[] data) throws IOException {
    for (int from = 0; from < data.length; from += MAX_FRAME_BYTES) {
      synchronized (this) {
        if (broken || finished) {
          throw new IOException("the stream has ended");
        }
      }
      connection.send(framing.data(data, from, Math.min(MAX_FRAME_BYTES, data.length - from)));
    }
  }

  @Override
  public void finish() {
    synchronized (this) {
      if (broken || finished) {
        return;
      }
      finished = true;
    }
    Optional<Object> end = framing.end();
    if (end.isPresent()) {
      var _ = connection.channel().writeAndFlush(end.get());
    }
  }
}
