package dev.hull.cli.stream;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One connection of this host, joined to a port inside a pod. */
public final class PortStream {
  private static final String PROTOCOL = "v4.channel.k8s.io";
  private static final int DATA = 0;
  private static final int ERROR = 1;
  private static final int PORT_BYTES = 2;

  private final Socket local;
  private int dataHeader = PORT_BYTES;
  private int errorHeader = PORT_BYTES;
  private String error = "";
  private volatile boolean localIsGone;

  public PortStream(Socket local) {
    this.local = local;
  }

  /**
   * Joins them until one of both ends. That this host's end goes in the middle is no error: it has
   * had enough.
   *
   * @param url as PortForward answered it, for one port
   * @throws IOException if nobody listens in the pod, or the connection breaks
   */
  public void run(String url) throws IOException, InterruptedException {
    try (ChannelSocket socket = ChannelSocket.connect(url, PROTOCOL, this::receive)) {
      Thread.ofVirtual().name("port-forward").start(() -> copy(socket));
      socket.awaitClose();
    } catch (IOException e) {
      if (!localIsGone) {
        throw e;
      }
    } finally {
      local.close();
    }
    if (!error.isEmpty()) {
      throw new IOException(error);
    }
  }

  /** Each channel begins with the port that it is of. */
  private void receive(int channel, ByteBuffer bytes) throws IOException {
    if (channel == DATA) {
      int skipped = Math.min(dataHeader, bytes.remaining());
      dataHeader -= skipped;
      bytes.position(bytes.position() + skipped);
      if (bytes.hasRemaining()) {
        write(bytes);
      }
    } else if (channel == ERROR) {
      int skipped = Math.min(errorHeader, bytes.remaining());
      errorHeader -= skipped;
      bytes.position(bytes.position() + skipped);
      error += StandardCharsets.UTF_8.decode(bytes);
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    try {
      local
          .getOutputStream()
          .write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    } catch (IOException e) {
      localIsGone = true;
      throw e;
    }
  }

  private void copy(ChannelSocket socket) {
    byte[] buffer = new byte[32 << 10];
    try (socket) {
      InputStream in = local.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        socket.send(DATA, buffer, read);
      }
    } catch (IOException e) {
      // One of both has ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
