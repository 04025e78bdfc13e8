package dev.hull.cli;

import dev.hull.cli.command.Context;
import dev.hull.cli.command.Hull;
import dev.hull.cli.cri.Cri;
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
import java.util.function.Function;

/** Starts the command. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Context context = context(UnixSocket::connect);
    if (arguments.length > 0 && Hull.asksADaemon(arguments[0])) {
      prepare();
      Thread.ofPlatform().daemon().name("rehearsal").start(UnixSocket::rehearse);
    }
    int code = Hull.run(context, arguments);
    context.terminal().out().flush();
    context.terminal().err().flush();
    System.exit(code);
  }

  static Context context(Function<Path, Cri> connect) {
    return new Context(
        Terminal.of(stream(FileDescriptor.out), stream(FileDescriptor.err), System.getenv()),
        System.in,
        System.getenv(),
        Time.SYSTEM,
        InstantSource.system(),
        new HostMounts(),
        Optional.ofNullable(System.getenv("HULL_ROOT")).map(Path::of).orElse(Daemons.DEFAULT_ROOT),
        connect);
  }

  /**
   * For a process that only asks a daemon on this host: it speaks no TLS, but grpc-okhttp looks
   * what the JDK's can do, and that reads every certificate that the host trusts.
   */
  static void prepare() {
    System.setProperty("javax.net.ssl.trustStore", "NONE");
  }

  /** Names and output are UTF-8 whatever the locale says. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
