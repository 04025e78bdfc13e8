package dev.hull.cri.bridge.session;

import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.Exec;
import dev.hull.vm.MachineException;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command in a container with its streams at a client. It ends when the command has exited and
 * the client has taken its output. A client that goes away hangs up: the command gets SIGHUP, and
 * SIGKILL if it still runs {@link #HANG_UP} later.
 */
public final class ExecSession {
  static final Duration HANG_UP = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(ExecSession.class);
  private static final Duration FOREVER = Duration.ofDays(365);
  private static final int SIGHUP = 1;
  private static final int SIGKILL = 9;

  private final Ticket.Exec ticket;
  private final CommandStreams streams;

  public ExecSession(Ticket.Exec ticket, CommandStreams streams) {
    this.ticket = ticket;
    this.streams = streams;
  }

  /** Blocks until it has ended; nothing of the command is left then. */
  public void run() {
    try {
      streams.tell(outcome());
    } catch (IOException gone) {
      LOG.atDebug().addKeyValue("container_id", id()).log("the client of an exec is gone");
    }
  }

  private String id() {
    return ticket.container().id();
  }

  private Outcome outcome() throws IOException {
    try (Exec exec =
        ticket
            .container()
            .guest()
            .exec(
                new GuestContainer.Command(
                    ticket.command(), ticket.wanted().tty(), ticket.wanted().stdin()))) {
      HangUp hangUp = new HangUp(exec);
      try (ClientConnection.Registration _ = streams.connection().onEnd(hangUp)) {
        InputFeed feed = new InputFeed(id(), exec);
        streams.stdin().ifPresent(stdin -> feed.input(stdin, exec::closeInput));
        streams.resize().ifPresent(feed::sizes);
        OutputCopy.copy(exec::output, streams);
        int code = exec.await(FOREVER);
        return code == 0 ? new Outcome.Success() : new Outcome.Exited(code);
      } catch (IOException gone) {
        hangUp.run();
        throw gone;
      }
    } catch (MachineException e) {
      return new Outcome.Failed(e.getMessage());
    }
  }

  /** What the end of a client does to its command; the second caller waits for the first. */
  private static final class HangUp implements Runnable {
    private final Exec exec;
    private boolean done;

    HangUp(Exec exec) {
      this.exec = exec;
    }

    @Override
    public synchronized void run() {
      if (done) {
        return;
      }
      done = true;
      try {
        exec.signal(SIGHUP);
        int code = exec.await(HANG_UP);
        LOG.atDebug().log("the command of a client that is gone exited with {}", code);
      } catch (MachineException e) {
        kill();
      }
    }

    private void kill() {
      try {
        exec.signal(SIGKILL);
      } catch (MachineException e) {
        // Over and forgotten, or gone with its machine.
        LOG.atDebug().log(e.getMessage());
      }
    }
  }
}
