package dev.hull.cri.bridge.session;

import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.vm.MachineException;
import dev.hull.vm.PodConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One forwarded connection: bytes go both ways, each as fast as the other side takes them, and each
 * direction ends on its own. What goes wrong is said on the error stream.
 */
public final class PortForwardSession {
  private static final Logger LOG = LoggerFactory.getLogger(PortForwardSession.class);

  private final Sandbox sandbox;
  private final int port;
  private final ClientConnection client;
  private final ByteStream data;
  private final ByteStream error;
  private final boolean clientEnds;

  /**
   * @param clientEnds whether the client can say that it sends nothing more; if not, the session is
   *     over when the server's end has come
   */
  public PortForwardSession(
      Sandbox sandbox,
      int port,
      ClientConnection client,
      ByteStream data,
      ByteStream error,
      boolean clientEnds) {
    this.sandbox = sandbox;
    this.port = port;
    this.client = client;
    this.data = data;
    this.error = error;
    this.clientEnds = clientEnds;
  }

  /** Blocks until both directions have ended. */
  public void run() {
    error.discard();
    try (PodConnection connection = sandbox.machine().connect(port);
        ClientConnection.Registration _ = client.onEnd(connection::close)) {
      Thread toServer =
          Thread.ofVirtual()
              .name("forward-%d-%s".formatted(port, sandbox.id()))
              .start(() -> toServer(connection));
      toClient(connection);
      data.finish();
      if (clientEnds) {
        toServer.join();
      }
    } catch (MachineException e) {
      tell(e);
    } catch (IOException gone) {
      LOG.atDebug().addKeyValue("pod_sandbox_id", sandbox.id()).log("a forwarded client is gone");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      data.discard();
      data.finish();
      error.finish();
    }
  }

  private void toClient(PodConnection connection) throws IOException {
    for (byte[] bytes = connection.read(); bytes != null; bytes = connection.read()) {
      data.write(bytes);
    }
  }

  private void toServer(PodConnection connection) {
    try {
      for (byte[] bytes = data.read(); bytes != null; bytes = data.read()) {
        connection.write(bytes);
      }
      connection.closeOutput();
    } catch (IOException reset) {
      // The client wants neither direction any more.
      connection.close();
    } catch (MachineException e) {
      // The server has gone; the other direction finds out why.
      LOG.atDebug().addKeyValue("pod_sandbox_id", sandbox.id()).log(e.getMessage());
      data.discard();
    }
  }

  private void tell(MachineException e) {
    LOG.atInfo().addKeyValue("pod_sandbox_id", sandbox.id()).log(e.getMessage());
    try {
      error.write(
          "error forwarding port %d to pod %s: %s"
              .formatted(port, sandbox.id(), e.getMessage())
              .getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      LOG.atDebug().addKeyValue("pod_sandbox_id", sandbox.id()).log("a forwarded client is gone");
    }
  }
}
