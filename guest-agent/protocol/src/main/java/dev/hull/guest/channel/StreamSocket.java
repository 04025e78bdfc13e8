package dev.hull.guest.channel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;

/** Two streams dressed as the connected {@link Socket} that grpc-okhttp insists on. */
final class StreamSocket extends Socket {
  private static final InetSocketAddress NOWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /** What to do once when the socket is closed. */
  interface Closer {
    void close() throws IOException;
  }

  private final InputStream in;
  private final OutputStream out;
  private final Closer closer;
  private boolean closed;

  StreamSocket(InputStream in, OutputStream out, Closer closer) {
    this.in = in;
    this.out = out;
    this.closer = closer;
  }

  @Override
  public InputStream getInputStream() {
    return in;
  }

  @Override
  public OutputStream getOutputStream() {
    return out;
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    closer.close();
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  /** A serial line has no half-close; the end of output is the end of the connection. */
  @Override
  public void shutdownOutput() throws IOException {
    close();
  }

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void setSoTimeout(int timeout) {}

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return NOWHERE;
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return NOWHERE;
  }
}
