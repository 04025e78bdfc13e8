package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.supervisor.Spool;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which daemon a command asks. */
final class DaemonOption {
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "The daemon's socket (default: /run/hull/hull.sock).")
  Path socket = Daemons.DEFAULT_SOCKET;

  /**
   * What the daemon's supervisor is told.
   *
   * @throws UserException if no supervisor is there to be told
   */
  Spool spool(Context context) throws UserException {
    return supervised()
        .orElseThrow(
            () ->
                new UserException(
                    "nobody looks after pods at %s; start a daemon with: hull serve"
                        .formatted(socket)));
  }

  /** The same, if there is one. */
  Optional<Spool> supervised() {
    return Spool.beside(socket.toAbsolutePath());
  }

  Cri connect(Context context) {
    return context.connect().apply(socket.toAbsolutePath());
  }
}
