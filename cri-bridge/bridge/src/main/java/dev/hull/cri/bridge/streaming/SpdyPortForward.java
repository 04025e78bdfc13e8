package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.PortForwardSession;
import dev.hull.cri.bridge.session.Ticket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Port-forwarding over SPDY: each forwarded connection is a pair of streams, for data and for
 * errors, that have the same request id. All on the event loop.
 */
final class SpdyPortForward implements SpdyHandler.Opener {
  /** The protocol's name in {@code X-Stream-Protocol-Version}. */
  static final String PROTOCOL = "portforward.k8s.io";

  private static final Logger LOG = LoggerFactory.getLogger(SpdyPortForward.class);
  private static final int MAX_STREAMS = 256;
  private static final int MAX_REQUEST_ID = 64;
  private static final int MAX_PORT = 65535;

  private final Connection connection;
  private final Ticket.PortForward ticket;
  private final Duration creation;
  private final Map<String, Pair> pairs = new HashMap<>();

  SpdyPortForward(Connection connection, Ticket.PortForward ticket, Duration creation) {
    this.connection = connection;
    this.ticket = ticket;
    this.creation = creation;
  }

  /** Streams of one request until both are there. */
  private static final class Pair {
    private final int port;
    private int dataId;
    private int errorId;
    private @Nullable MultiplexedStream data;
    private @Nullable MultiplexedStream error;

    Pair(int port) {
      this.port = port;
    }

    /** False if there is one of this type already. */
    boolean add(String type, int id, MultiplexedStream stream) {
      if (type.equals("data") && data == null) {
        data = stream;
        dataId = id;
        return true;
      }
      if (type.equals("error") && error == null) {
        error = stream;
        errorId = id;
        return true;
      }
      return false;
    }
  }

  @Override
  public boolean open(
      SpdyHandler spdy, int id, SpdyHandler.Headers headers, MultiplexedStream stream) {
    String type = headers.get(SpdyHandler.STREAM_TYPE);
    int port = port(headers.get("port"));
    if (port == 0 || spdy.openStreams() > MAX_STREAMS) {
      return false;
    }
    String request = request(headers.get("requestid"), type, id);
    if (request.length() > MAX_REQUEST_ID) {
      return false;
    }
    Pair pair = pairs.get(request);
    if (pair == null) {
      pair = new Pair(port);
      if (!pair.add(type, id, stream)) {
        return false;
      }
      pairs.put(request, pair);
      Pair begun = pair;
      var _ =
          connection
              .channel()
              .eventLoop()
              .schedule(
                  () -> giveUp(spdy, request, begun), creation.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    }
    if (pair.port != port || !pair.add(type, id, stream)) {
      return false;
    }
    pairs.remove(request);
    Pair whole = pair;
    connection.threads().execute(() -> run(spdy, whole));
    return true;
  }

  /** 0 if it is none. */
  private static int port(String header) {
    try {
      int port = Integer.parseInt(header);
      return port >= 1 && port <= MAX_PORT ? port : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Clients of old give no id, and open the error stream just before the data stream. */
  private static String request(String given, String type, int id) {
    if (!given.isEmpty()) {
      return given;
    }
    return "stream-" + (type.equals("data") ? id - 2 : id);
  }

  private void giveUp(SpdyHandler spdy, String request, Pair pair) {
    if (pairs.remove(request, pair)) {
      LOG.atDebug()
          .addKeyValue("pod_sandbox_id", ticket.sandbox().id())
          .log("a client did not open both streams of request {} in time", request);
      spdy.refuse(pair.dataId);
      spdy.refuse(pair.errorId);
    }
  }

  private void run(SpdyHandler spdy, Pair pair) {
    MultiplexedStream data = pair.data;
    MultiplexedStream error = pair.error;
    if (data == null || error == null) {
      throw new IllegalStateException("a forwarded connection begins without its streams");
    }
    try {
      new PortForwardSession(ticket.sandbox(), pair.port, connection, data, error, true).run();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("forwarding failed");
      tell(error);
    } finally {
      spdy.done(pair.dataId);
      spdy.done(pair.errorId);
    }
  }

  private static void tell(MultiplexedStream error) {
    try {
      error.write("the daemon failed; its log says more".getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      LOG.atDebug().log("the client of a failed session is gone");
    }
    error.finish();
  }
}
