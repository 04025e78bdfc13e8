package dev.hull.cri.bridge.session;

import dev.hull.cri.bridge.log.LogPump;
import dev.hull.cri.bridge.log.OutputTap;
import dev.hull.cri.bridge.store.Container;
import dev.hull.vm.GuestContainer.Input;
import dev.hull.vm.MachineException;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client at a container's first process: it gets a copy of the output from now on, and what it
 * types goes to the process if that was made to read (else it is dropped). It ends with the output.
 * A client that goes away leaves the container running; the input of one with {@code stdin_once} is
 * closed when the first client's ends.
 */
public final class AttachSession {
  private static final Logger LOG = LoggerFactory.getLogger(AttachSession.class);

  private static final Duration EXIT_FOLLOWS = Duration.ofSeconds(2);

  private final Ticket.Attach ticket;
  private final CommandStreams streams;

  public AttachSession(Ticket.Attach ticket, CommandStreams streams) {
    this.ticket = ticket;
    this.streams = streams;
  }

  /** Blocks until it has ended. */
  public void run() {
    try {
      streams.tell(outcome());
    } catch (IOException gone) {
      LOG.atDebug()
          .addKeyValue("container_id", ticket.container().id())
          .log("the client of an attach is gone");
    }
  }

  private Outcome outcome() throws IOException {
    Container container = ticket.container();
    LogPump pump = container.pump().orElse(null);
    if (pump == null) {
      return new Outcome.Failed("the container %s does not run".formatted(container.id()));
    }
    try (OutputTap tap = pump.tap();
        ClientConnection.Registration _ = streams.connection().onEnd(tap::close)) {
      feed(container);
      for (OutputTap.Piece piece = tap.next(); piece != null; piece = tap.next()) {
        OutputCopy.write(piece.data(), piece.stderr(), streams);
      }
      awaitExit(container);
      return new Outcome.Success();
    } catch (MachineException e) {
      return new Outcome.Failed(e.getMessage());
    }
  }

  /**
   * A client that is told of the end asks next how it ended. A process need not end with its
   * output, so that this takes a moment at most.
   */
  private static void awaitExit(Container container) {
    try {
      container.guest().await(EXIT_FOLLOWS);
    } catch (MachineException _) {
      // It runs on, or is gone: its output has ended all the same.
      return;
    }
  }

  private void feed(Container container) {
    Input process = container.guest().input();
    InputFeed feed = new InputFeed(container.id(), process);
    streams
        .stdin()
        .ifPresent(
            stdin -> {
              if (container.config().getStdin()) {
                feed.input(stdin, () -> inputEnded(container, process));
              } else {
                stdin.discard();
              }
            });
    streams
        .resize()
        .ifPresent(
            sizes -> {
              if (container.config().getTty()) {
                feed.sizes(sizes);
              } else {
                sizes.discard();
              }
            });
  }

  private static void inputEnded(Container container, Input process) {
    if (container.config().getStdinOnce()) {
      process.closeInput();
    }
  }
}
