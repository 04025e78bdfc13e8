package dev.hull.guest.channel;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A port over a Unix socket that this process listens on, as QEMU does for a machine: for agents
 * that run without one, in tests. Like QEMU it has one host at a time and drops what is written
 * while there is none.
 */
public final class SocketPort implements Port {
  private final Path path;
  private final ServerSocketChannel server;
  private final Object lock = new Object();
  private @Nullable SocketChannel host;

  public SocketPort(Path path) throws IOException {
    this.path = path;
    this.server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(path));
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    SocketChannel current = current();
    if (current == null) {
      try {
        current = server.accept();
      } catch (AsynchronousCloseException e) {
        return -1;
      }
      synchronized (lock) {
        host = current;
      }
    }
    int count;
    try {
      count = current.read(ByteBuffer.wrap(buffer, offset, length));
    } catch (IOException e) {
      count = -1;
    }
    if (count < 0) {
      drop(current);
    }
    return count;
  }

  @Override
  public void write(byte[] buffer, int offset, int length) {
    SocketChannel current = current();
    if (current == null) {
      return;
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length);
      while (bytes.hasRemaining()) {
        current.write(bytes);
      }
    } catch (IOException e) {
      // The reader finds out as well, and drops it.
    }
  }

  private @Nullable SocketChannel current() {
    synchronized (lock) {
      return host;
    }
  }

  private void drop(SocketChannel gone) throws IOException {
    gone.close();
    synchronized (lock) {
      host = null;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    SocketChannel current = current();
    if (current != null) {
      current.close();
    }
    Files.deleteIfExists(path);
  }
}
