package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.daemon.Daemons;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which daemon a command asks. */
final class DaemonOption {
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "The daemon's socket (default: /run/hull/hull.sock).")
  Path socket = Daemons.DEFAULT_SOCKET;

  Cri connect(Context context) {
    return context.connect().apply(socket.toAbsolutePath());
  }
}
