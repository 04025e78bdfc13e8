package dev.hull.guest.channel;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The guest's end: a server socket that "accepts" one host after the other on the one serial line.
 * The host may vanish at any byte and come back; {@link #accept} then answers its handshake again.
 */
public final class GuestChannel extends ServerSocket {
  /** The versions of the guest protocol that this agent speaks. */
  static final int MIN_VERSION = 2;

  static final int MAX_VERSION = 2;

  /** What virtio-serial takes at once; the transport hands out pieces of 8 KiB. */
  private static final int WRITE_BYTES = 32 * 1024;

  private final Port port;
  private final PortReader reader;
  private final Semaphore line = new Semaphore(1);
  private volatile boolean closed;
  private boolean started;

  /** Takes the port over and closes it at the end. */
  public GuestChannel(Port port) throws IOException {
    this.port = port;
    this.reader = new PortReader(port);
  }

  @Override
  public void bind(SocketAddress endpoint) {
    if (!started) {
      started = true;
      reader.start();
    }
  }

  @Override
  public void bind(SocketAddress endpoint, int backlog) {
    bind(endpoint);
  }

  /** Blocks until the connection before has been closed and a host has completed the handshake. */
  @Override
  public Socket accept() throws IOException {
    line.acquireUninterruptibly();
    while (!closed) {
      PortReader.Input input = reader.open();
      try {
        if (shakeHands(input)) {
          return new StreamSocket(
              input,
              new BufferedOutputStream(new PortOutput(input), WRITE_BYTES),
              () -> {
                input.end();
                line.release();
              });
        }
      } catch (EOFException e) {
        // The host left in the middle of it; another may come.
      }
    }
    line.release();
    throw new IOException("the channel is closed");
  }

  private boolean shakeHands(PortReader.Input input) throws IOException {
    @Nullable UUID welcomed = null;
    while (true) {
      HandshakeFrame frame = readFrame(input);
      switch (frame.kind()) {
        case HELLO -> {
          int version = Math.min(frame.maxVersion(), MAX_VERSION);
          boolean speakable = version >= MIN_VERSION && version >= frame.minVersion();
          int low = speakable ? version : MIN_VERSION;
          int high = speakable ? version : MAX_VERSION;
          send(new HandshakeFrame(HandshakeFrame.Kind.WELCOME, low, high, frame.nonce()));
          welcomed = speakable ? frame.nonce() : null;
        }
        case GO -> {
          if (frame.nonce().equals(welcomed)) {
            send(new HandshakeFrame(HandshakeFrame.Kind.STARTED, 0, 0, frame.nonce()));
            return true;
          }
        }
        case WELCOME, STARTED -> {
          // An echo of what this end once wrote: not for us.
        }
      }
    }
  }

  /**
   * Never reads beyond the frame: what follows the last frame is HTTP/2, and belongs to another
   * reader.
   */
  private static HandshakeFrame readFrame(PortReader.Input input) throws IOException {
    FrameWindow window = new FrameWindow();
    while (true) {
      if (window.readFrom(input) < 0) {
        throw new EOFException("the host went away during the handshake");
      }
      Optional<HandshakeFrame> frame = window.take();
      if (frame.isPresent()) {
        return frame.get();
      }
    }
  }

  private void send(HandshakeFrame frame) throws IOException {
    port.write(frame.encode(), 0, HandshakeFrame.LENGTH);
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      reader.close();
      port.close();
    }
  }

  private final class PortOutput extends OutputStream {
    private final PortReader.Input connection;

    private PortOutput(PortReader.Input connection) {
      this.connection = connection;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      if (connection.isOver()) {
        throw new IOException("the connection to the host is over");
      }
      port.write(buffer, offset, length);
    }
  }
}
