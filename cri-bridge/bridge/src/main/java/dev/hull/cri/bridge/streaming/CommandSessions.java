package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.AttachSession;
import dev.hull.cri.bridge.session.CommandStreams;
import dev.hull.cri.bridge.session.ExecSession;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Wanted;

/** Begins what a ticket with standard streams allows. */
final class CommandSessions {
  private CommandSessions() {}

  static Wanted wanted(Ticket ticket) {
    return switch (ticket) {
      case Ticket.Exec exec -> exec.wanted();
      case Ticket.Attach attach -> attach.wanted();
      case Ticket.PortForward _ ->
          throw new IllegalArgumentException("a forwarded port has no standard streams");
    };
  }

  /** Blocks until the session has ended. */
  static void run(Ticket ticket, CommandStreams streams) {
    switch (ticket) {
      case Ticket.Exec exec -> new ExecSession(exec, streams).run();
      case Ticket.Attach attach -> new AttachSession(attach, streams).run();
      case Ticket.PortForward _ ->
          throw new IllegalArgumentException("a forwarded port has no standard streams");
    }
  }
}
