package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.ByteStream;
import dev.hull.cri.bridge.session.CommandStreams;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Wanted;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exec or attach over SPDY: waits until the client has opened a stream of each type that was asked
 * for, then begins. All on the event loop.
 */
final class SpdyCommand implements SpdyHandler.Opener {
  private static final Logger LOG = LoggerFactory.getLogger(SpdyCommand.class);
  private static final String ERROR = "error";
  private static final String STDIN = "stdin";
  private static final String STDOUT = "stdout";
  private static final String STDERR = "stderr";
  private static final String RESIZE = "resize";

  private final Connection connection;
  private final Ticket ticket;
  private final CommandProtocol protocol;
  private final Set<String> missing = new HashSet<>();
  private final Map<String, MultiplexedStream> streams = new HashMap<>();

  SpdyCommand(Connection connection, Ticket ticket, CommandProtocol protocol) {
    this.connection = connection;
    this.ticket = ticket;
    this.protocol = protocol;
    Wanted wanted = CommandSessions.wanted(ticket);
    missing.add(ERROR);
    want(STDIN, wanted.stdin());
    want(STDOUT, wanted.stdout());
    want(STDERR, wanted.stderr());
    want(RESIZE, wanted.tty() && protocol.resizes());
  }

  private void want(String type, boolean wanted) {
    if (wanted) {
      missing.add(type);
    }
  }

  @Override
  public boolean open(
      SpdyHandler spdy, int id, SpdyHandler.Headers headers, MultiplexedStream stream) {
    String type = headers.get(SpdyHandler.STREAM_TYPE);
    if (!missing.remove(type)) {
      return false;
    }
    streams.put(type, stream);
    if (missing.isEmpty()) {
      connection.threads().execute(() -> run(spdy));
    }
    return true;
  }

  /** Whether the client has not opened all streams. */
  boolean waits() {
    return !missing.isEmpty();
  }

  private void run(SpdyHandler spdy) {
    MultiplexedStream error = streams.get(ERROR);
    if (error == null) {
      throw new IllegalStateException("a session begins without its error stream");
    }
    error.discard();
    try {
      CommandSessions.run(
          ticket,
          new CommandStreams(
              connection,
              stream(STDIN),
              stream(STDOUT),
              stream(STDERR),
              stream(RESIZE),
              error,
              protocol.jsonOutcome()));
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("a streaming session failed");
    } finally {
      connection.channel().eventLoop().execute(() -> connection.finish(spdy.goodbye()));
    }
  }

  private Optional<ByteStream> stream(String type) {
    return Optional.ofNullable(streams.get(type));
  }
}
