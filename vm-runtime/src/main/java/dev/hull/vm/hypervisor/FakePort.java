package dev.hull.vm.hypervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/** A port of a {@link FakeDomain}: one connection at a time, each served until it is over. */
final class FakePort implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final Server server;
  private final AtomicReference<SocketChannel> connection = new AtomicReference<>();

  /** The guest behind it. */
  @FunctionalInterface
  interface Server {
    /** When it returns, the connection is closed. */
    void serve(SocketChannel channel) throws IOException;
  }

  FakePort(Path socket, Server server) throws IOException {
    this.server = server;
    Files.deleteIfExists(socket);
    this.listener =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().name("fake-port-" + socket).start(this::serve);
  }

  private void serve() {
    while (listener.isOpen()) {
      try (SocketChannel channel = listener.accept()) {
        connection.set(channel);
        server.serve(channel);
      } catch (IOException e) {
        // The connection broke, or the domain has ended: the loop's condition tells which.
      } finally {
        connection.set(null);
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      SocketChannel open = connection.getAndSet(null);
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
