package dev.hull.vm.guest;

import dev.hull.guest.channel.OutputFrame;
import dev.hull.guest.channel.OutputMarker;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The guest's end of an output line: says what it is told, whether that is allowed or not. */
public final class FakeOutputLine implements AutoCloseable {
  private final List<OutputFrame> acknowledged = new ArrayList<>();
  private @Nullable ServerSocketChannel server;
  private OptionalLong line = OptionalLong.empty();
  private @Nullable SocketChannel host;

  /** Listens by itself. */
  static FakeOutputLine at(Path socket) throws IOException {
    ServerSocketChannel server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    FakeOutputLine line = new FakeOutputLine();
    line.server = server;
    Thread.ofVirtual()
        .start(
            () -> {
              while (server.isOpen()) {
                try (SocketChannel accepted = server.accept()) {
                  line.serve(accepted);
                } catch (IOException e) {
                  // The host has gone, or this was closed.
                }
              }
            });
    return line;
  }

  /** Serves one host until it has gone, which throws. */
  public void serve(SocketChannel accepted) throws IOException {
    DataInputStream in = new DataInputStream(Channels.newInputStream(accepted));
    OutputMarker search = new OutputMarker();
    OptionalLong found = OptionalLong.empty();
    while (found.isEmpty()) {
      found = search.take(in.readByte());
    }
    // What another host was to get, and then the answer.
    accepted.write(ByteBuffer.wrap("stale".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    accepted.write(ByteBuffer.wrap(OutputMarker.of(found.getAsLong())));
    synchronized (this) {
      host = accepted;
      line = found;
      notifyAll();
    }
    while (true) {
      byte[] head = new byte[OutputFrame.HEAD_BYTES];
      in.readFully(head);
      synchronized (this) {
        acknowledged.add(OutputFrame.decode(ByteBuffer.wrap(head), 0).orElseThrow());
      }
    }
  }

  /** What the host has acknowledged, in order. */
  synchronized List<OutputFrame> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /** Sends as soon as the host has begun this connection. */
  synchronized void send(long number, byte[]... parts) {
    try {
      while (line.isEmpty() || line.getAsLong() != number) {
        wait();
      }
      for (byte[] part : parts) {
        ByteBuffer left = ByteBuffer.wrap(part);
        while (host != null && left.hasRemaining()) {
          host.write(left);
        }
      }
    } catch (IOException e) {
      // The host has heard enough.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the connection from the guest's side. */
  synchronized void hangUp() throws IOException {
    line = OptionalLong.empty();
    if (host != null) {
      host.close();
    }
  }

  @Override
  public void close() throws IOException {
    if (server != null) {
      server.close();
    }
    hangUp();
  }
}
