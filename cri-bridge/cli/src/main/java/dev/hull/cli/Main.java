package dev.hull.cli;

import dev.hull.cli.command.Context;
import dev.hull.cli.command.Hull;
import dev.hull.cli.cri.UnixSocket;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.kubelet.HostMounts;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.terminal.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** Starts the command. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Context context =
        new Context(
            Terminal.of(stream(FileDescriptor.out), stream(FileDescriptor.err), System.getenv()),
            System.in,
            System.getenv(),
            Time.SYSTEM,
            InstantSource.system(),
            new HostMounts(),
            Optional.ofNullable(System.getenv("HULL_ROOT"))
                .map(Path::of)
                .orElse(Daemons.DEFAULT_ROOT),
            UnixSocket::connect);
    int code = Hull.commandLine(context).execute(arguments);
    context.terminal().out().flush();
    context.terminal().err().flush();
    System.exit(code);
  }

  /** Names and output are UTF-8 whatever the locale says. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
