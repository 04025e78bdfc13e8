package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.stream.PortStream;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PortForwardRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
      description = "LOCAL:REMOTE, REMOTE for the same here, :REMOTE for any that is free here.")
  List<String> ports = List.of();

  @Option(
      names = "--address",
      paramLabel = "IP",
      description = "Where to listen (default: 127.0.0.1).")
  String address = "127.0.0.1";

  PortForwardCommand(Context context) {
    this.context = context;
  }

  private record Forward(ServerSocket server, int remote) {}

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      PodSandbox found = new Lookup(cri).pod(pod);
      List<Forward> forwards = new ArrayList<>();
      for (String port : ports) {
        forwards.add(listen(port));
      }
      List<Thread> threads = new ArrayList<>();
      for (Forward forward : forwards) {
        context
            .terminal()
            .out()
            .println(
                "Forwarding from %s:%d -> %d"
                    .formatted(address, forward.server().getLocalPort(), forward.remote()));
        context.terminal().out().flush();
        threads.add(Thread.ofVirtual().start(() -> accept(cri, found.getId(), forward)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return ExitCodes.FAILED; // It ends by a signal, or because it cannot listen any more.
    }
  }

  private Forward listen(String port) throws UserException, IOException {
    if (!port.matches("(\\d{0,5}:)?\\d{1,5}")) {
      throw new UserException(port + " is no port such as 8080:80");
    }
    int colon = port.indexOf(':');
    int remote = Integer.parseInt(port.substring(colon + 1));
    String before = colon < 0 ? port : port.substring(0, colon);
    int local = before.isEmpty() ? 0 : Integer.parseInt(before);
    if (remote < 1 || remote > 65535 || local > 65535) {
      throw new UserException(port + " is no port such as 8080:80");
    }
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), local));
    return new Forward(server, remote);
  }

  private void accept(Cri cri, String sandbox, Forward forward) {
    try (ServerSocket server = forward.server()) {
      while (true) {
        Socket connection = server.accept();
        Thread.ofVirtual().start(() -> join(cri, sandbox, forward.remote(), connection));
      }
    } catch (IOException e) {
      context.complain("cannot listen any more: " + e.getMessage());
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
