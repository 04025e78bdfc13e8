package dev.hull.guest.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The handshake's view of a non-blocking channel: every wait ends at the deadline. Reads not one
 * byte beyond a frame, for what follows the last one is HTTP/2.
 */
final class TimedLine implements AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final Duration deadline;
  private final long end;
  private final FrameWindow window = new FrameWindow();

  TimedLine(SocketChannel channel, Duration deadline) throws IOException {
    this.channel = channel;
    this.deadline = deadline;
    this.end = System.nanoTime() + deadline.toNanos();
    this.selector = Selector.open();
    this.key = channel.register(selector, SelectionKey.OP_READ);
  }

  void send(ByteBuffer bytes) throws IOException, HandshakeException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        select(SelectionKey.OP_WRITE, end);
        checkDeadline();
      }
    }
  }

  /**
   * The next frame of this kind and nonce, or empty after {@code atMost}; everything else is
   * discarded.
   */
  Optional<HandshakeFrame> await(HandshakeFrame.Kind kind, UUID nonce, Duration atMost)
      throws IOException, HandshakeException {
    long until = Math.min(end, System.nanoTime() + atMost.toNanos());
    while (System.nanoTime() < until) {
      int count = window.readFrom(channel);
      if (count < 0) {
        throw new IOException("the machine closed the port during the handshake");
      }
      if (count == 0) {
        select(SelectionKey.OP_READ, until);
        continue;
      }
      Optional<HandshakeFrame> frame = window.take();
      if (frame.isPresent() && frame.get().kind() == kind && frame.get().nonce().equals(nonce)) {
        return frame;
      }
    }
    checkDeadline();
    return Optional.empty();
  }

  private void select(int operation, long until) throws IOException {
    key.interestOps(operation);
    selector.select(Math.max(1, Duration.ofNanos(until - System.nanoTime()).toMillis()));
    selector.selectedKeys().clear();
  }

  private void checkDeadline() throws HandshakeException {
    if (System.nanoTime() >= end) {
      throw new HandshakeException(
          HandshakeException.Reason.SILENCE,
          "the agent did not answer within " + deadline.toMillis() + " ms");
    }
  }

  /** Takes the channel off the selector, so that it may block again. */
  @Override
  public void close() throws IOException {
    key.cancel();
    selector.close();
  }
}
