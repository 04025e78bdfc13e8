package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.stream.PortStream;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PortForwardRequest;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull port-forward. */
@Command(
    name = "port-forward",
    description = "Listen on this host, and pass each connection on to a port inside a pod.")
final class PortForwardCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(index = "0", paramLabel = "POD", description = Lookup.POD_DESCRIPTION)
  String pod = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PORT",
      description =
          "LOCAL:REMOTE, REMOTE for the same here, :REMOTE for any that is free here; REMOTE is a"
              + " number, or the name of a container's port.")
  List<String> ports = List.of();

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      split = ",",
      description =
          "Where to listen: IP addresses, or localhost (the default), which is 127.0.0.1 and ::1,"
              + " whichever of them this host has.")
  List<String> addresses = List.of(LocalPort.LOCALHOST);

  PortForwardCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri, daemon.supervised());
      PodSandbox found = lookup.pod(pod);
      List<LocalPort> listening = new ArrayList<>();
      try {
        for (String port : ports) {
          ForwardedPort forwarded = ForwardedPort.parse(port, lookup.containers(found));
          listening.addAll(LocalPort.listen(addresses, forwarded));
        }
        forward(cri, found.getId(), listening);
      } finally {
        for (LocalPort one : listening) {
          one.close();
        }
      }
      return ExitCodes.FAILED; // It ends by a signal, or because it cannot listen any more.
    }
  }

  private void forward(Cri cri, String sandbox, List<LocalPort> listening)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (LocalPort port : listening) {
      context
          .terminal()
          .out()
          .println("Forwarding from %s -> %d".formatted(port.text(), port.remote()));
      context.terminal().out().flush();
      threads.add(Thread.ofVirtual().start(() -> accept(cri, sandbox, port)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void accept(Cri cri, String sandbox, LocalPort port) {
    try {
      while (true) {
        Socket connection = port.server().accept();
        Thread.ofVirtual().start(() -> join(cri, sandbox, port.remote(), connection));
      }
    } catch (IOException e) {
      context.complain("cannot listen on " + port.text() + " any more: " + e.getMessage());
    }
  }

  private void join(Cri cri, String sandbox, int port, Socket connection) {
    try (connection) {
      PortForwardRequest request =
          PortForwardRequest.newBuilder().setPodSandboxId(sandbox).addPort(port).build();
      String url = cri.runtime(Cri.QUICK, stub -> stub.portForward(request)).getUrl();
      new PortStream(connection).run(url);
    } catch (IOException | CriException e) {
      context.complain("port " + port + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
