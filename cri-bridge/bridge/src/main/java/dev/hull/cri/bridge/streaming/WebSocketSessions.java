package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.ByteStream;
import dev.hull.cri.bridge.session.CommandStreams;
import dev.hull.cri.bridge.session.PortForwardSession;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins sessions over a WebSocket, whose channels are there from the start. */
final class WebSocketSessions {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketSessions.class);
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;

  private final Connection connection;
  private final WebSocketChannels channels;

  WebSocketSessions(Connection connection, WebSocketChannels channels) {
    this.connection = connection;
    this.channels = channels;
  }

  /** Exec or attach. */
  void command(Ticket ticket, CommandProtocol protocol) {
    Wanted wanted = CommandSessions.wanted(ticket);
    CommandStreams streams =
        new CommandStreams(
            connection,
            channel(STDIN, wanted.stdin(), true),
            channel(STDOUT, wanted.stdout(), false),
            channel(STDERR, wanted.stderr(), false),
            channel(RESIZE, wanted.tty(), true),
            channels.channel(ERROR, false),
            protocol.jsonOutcome());
    // Kubernetes' clients take an empty message on the first channel as the sign that it stands.
    int first = wanted.stdout() ? STDOUT : wanted.stderr() ? STDERR : ERROR;
    connection.answer(WebSocketChannels.message(first, new byte[0]));
    run(() -> CommandSessions.run(ticket, streams));
  }

  private Optional<ByteStream> channel(int number, boolean wanted, boolean clientSends) {
    return wanted ? Optional.of(channels.channel(number, clientSends)) : Optional.empty();
  }

  /** Two channels for each port, for data and for errors; both begin with the port's number. */
  void portForward(Ticket.PortForward ticket) {
    List<PortForwardSession> forwards = new ArrayList<>();
    int number = 0;
    for (int port : ticket.ports()) {
      MultiplexedStream data = channels.channel(number, true);
      MultiplexedStream error = channels.channel(number + 1, false);
      byte[] littleEndian = {(byte) port, (byte) (port >> 8)};
      connection.answer(WebSocketChannels.message(number, littleEndian));
      connection.answer(WebSocketChannels.message(number + 1, littleEndian));
      forwards.add(new PortForwardSession(ticket.sandbox(), port, connection, data, error, false));
      number += 2;
    }
    run(() -> all(forwards));
  }

  private static void all(List<PortForwardSession> forwards) {
    List<Thread> threads =
        forwards.stream()
            .map(forward -> Thread.ofVirtual().name("forward").start(forward::run))
            .toList();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void run(Runnable session) {
    connection
        .threads()
        .execute(
            () -> {
              try {
                session.run();
              } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a streaming session failed");
              } finally {
                connection
                    .channel()
                    .eventLoop()
                    .execute(() -> connection.finish(WebSocketChannels.goodbye()));
              }
            });
  }
}
