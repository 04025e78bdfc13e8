package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.kubelet.Signals;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Supervisor;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** hull serve. */
@Command(
    name = "serve",
    description = {
      "Be the daemon: serve CRI on a Unix socket until SIGTERM or Ctrl-C.",
      "Pods keep running without it, and the next daemon with the same root takes them over."
    })
final class ServeCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Where to listen (default: /run/hull/hull.sock).")
  Path socket = Daemons.DEFAULT_SOCKET;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "Where to keep everything (default: /var/lib/hull).")
  Path root = Daemons.DEFAULT_ROOT;

  @Option(
      names = "--hypervisor",
      paramLabel = "URI",
      description = "A libvirt connection URI (default: libvirt inside this process).")
  String hypervisor = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The settings (default: hull.yaml in the root, if it is there).",
        "hull config default prints one."
      })
  Optional<Path> config = Optional.empty();

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  ServeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws HostException, InterruptedException {
    DaemonProvider.Options options =
        new DaemonProvider.Options(
            socket.toAbsolutePath(),
            root.toAbsolutePath(),
            Daemons.guestImage(guestImage, context.environment()),
            hypervisor,
            true,
            config.map(Path::toAbsolutePath));
    CountDownLatch asked = new CountDownLatch(1);
    try (Signals _ = new Signals(number -> asked.countDown());
        DaemonProvider.Daemon daemon = Daemons.provider().start(options)) {
      try (Cri cri = context.connect().apply(options.socket());
          Supervisor _ = supervisor(cri, options)) {
        context.terminal().out().println("hull is ready at " + options.socket());
        context.terminal().out().flush();
        awaitEnd(daemon, asked);
      }
      return ExitCodes.OK;
    }
  }

  /** Pods of {@code hull apply} live on in this process. */
  private Supervisor supervisor(Cri cri, DaemonProvider.Options options) throws HostException {
    try {
      return Supervisor.start(
          Spool.below(options.root()),
          options.socket(),
          objects ->
              PodSession.surroundings(
                  context,
                  cri,
                  options.root(),
                  PodSession.claims(options.root()),
                  objects,
                  new Timeline(context.time()),
                  true),
          context::complain);
    } catch (IOException e) {
      throw new HostException("cannot look after pods: " + e.getMessage(), e);
    }
  }

  private static void awaitEnd(DaemonProvider.Daemon daemon, CountDownLatch asked)
      throws InterruptedException {
    Thread watch =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    daemon.awaitTermination();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  asked.countDown();
                });
    asked.await();
    watch.interrupt();
  }
}
