package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.ClientConnection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A client's connection after its upgrade: where Netty's event loop and the sessions' threads meet.
 * Threads that write wait while the client does not read; what the client sends waits in its
 * streams up to a bound over all of them, and beyond that in the kernel and with the client.
 */
final class Connection implements ClientConnection {
  private static final int PAUSE_ABOVE = 256 * 1024;
  private static final int RESUME_BELOW = 64 * 1024;

  /** Answers to pings and the like that a client has not taken. */
  private static final int MAX_CONTROL_FRAMES = 256;

  private static final int LINGER_SECONDS = 5;

  private final Channel channel;
  private final Executor threads;
  private final List<Runnable> atEnd = new ArrayList<>();
  private final Set<MultiplexedStream> streams = new LinkedHashSet<>();
  private long waiting;
  private int controlFrames;
  private boolean paused;
  private boolean ended;
  private boolean draining;

  /**
   * @param threads makes a virtual thread for each task
   */
  Connection(Channel channel, Executor threads) {
    this.channel = channel;
    this.threads = threads;
  }

  Channel channel() {
    return channel;
  }

  Executor threads() {
    return threads;
  }

  MultiplexedStream stream(MultiplexedStream.Framing framing) {
    MultiplexedStream stream = new MultiplexedStream(this, framing);
    synchronized (this) {
      if (!ended) {
        streams.add(stream);
        return stream;
      }
    }
    stream.broken();
    return stream;
  }

  synchronized void forget(MultiplexedStream stream) {
    streams.remove(stream);
  }

  @Override
  public Registration onEnd(Runnable task) {
    synchronized (this) {
      if (!ended) {
        atEnd.add(task);
        return () -> forget(task);
      }
    }
    threads.execute(task);
    return () -> {};
  }

  private synchronized void forget(Runnable task) {
    atEnd.remove(task);
  }

  /** Waits until the client has taken most of what was sent before; never on the event loop. */
  void send(Object frame) throws IOException {
    synchronized (this) {
      try {
        while (!ended && !channel.isWritable()) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        ReferenceCountUtil.release(frame);
        throw new IOException("interrupted while sending to a client", e);
      }
      if (ended) {
        ReferenceCountUtil.release(frame);
        throw new IOException("the client's connection has ended");
      }
    }
    var _ = channel.writeAndFlush(frame);
  }

  /** On the event loop. A client that makes us answer and does not read is cut off. */
  void answer(Object frame) {
    answer(frame, () -> channel.writeAndFlush(frame));
  }

  /** As {@link #answer}, from the place of a handler on: those behind it do not see the frame. */
  void answerFrom(ChannelHandlerContext handler, Object frame) {
    answer(frame, () -> handler.writeAndFlush(frame));
  }

  private void answer(Object frame, Supplier<ChannelFuture> write) {
    synchronized (this) {
      controlFrames++;
      if (controlFrames > MAX_CONTROL_FRAMES) {
        ReferenceCountUtil.release(frame);
        close();
        return;
      }
    }
    var _ = write.get().addListener(_ -> answered());
  }

  private synchronized void answered() {
    controlFrames--;
  }

  synchronized void writabilityChanged() {
    notifyAll();
  }

  /** Bytes from the client that now wait in a stream. */
  synchronized void received(int bytes) {
    waiting += bytes;
    if (waiting > PAUSE_ABOVE && !paused && !draining) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  /** Bytes that wait no longer. */
  synchronized void consumed(int bytes) {
    waiting -= bytes;
    if (paused && waiting < RESUME_BELOW) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }

  /** Whether the client has sent as much as may wait. */
  synchronized boolean paused() {
    return paused;
  }

  /** Whether what still comes is of no interest. */
  synchronized boolean draining() {
    return draining;
  }

  /**
   * After the last frame: ends our side, and waits a little for the client to end its own. A close
   * with bytes unread would reset the connection, and the client could lose what it has not read.
   */
  void finish(Object lastFrame) {
    synchronized (this) {
      draining = true;
      paused = false;
    }
    var _ =
        channel
            .writeAndFlush(lastFrame)
            .addListener((ChannelFuture written) -> linger(written.isSuccess()));
  }

  private void linger(boolean written) {
    if (!written || !(channel instanceof DuplexChannel duplex)) {
      close();
      return;
    }
    var _ = duplex.shutdownOutput();
    channel.config().setAutoRead(true);
    var _ = channel.eventLoop().schedule(this::close, LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private void close() {
    var _ = channel.close();
  }

  /** The channel is closed. */
  void ended() {
    List<Runnable> tasks;
    List<MultiplexedStream> broken;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      tasks = List.copyOf(atEnd);
      broken = List.copyOf(streams);
      streams.clear();
      notifyAll();
    }
    broken.forEach(MultiplexedStream::broken);
    tasks.forEach(threads::execute);
  }
}
