package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.stream.CommandStream;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerStatus;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull attach. */
@Command(
    name = "attach",
    description = "See what a container writes from now on, and with -i write to it.")
final class AttachCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "POD", description = "Name or id of the pod.")
  String pod = "";

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NAME",
      description = "To this container.")
  Optional<String> container = Optional.empty();

  @Option(
      names = {"-i", "--stdin"},
      description = "Pass standard input on; the container must want it (stdin: true).")
  boolean stdin;

  @Option(
      names = {"-t", "--tty"},
      description = "The container has a terminal (tty: true).")
  boolean tty;

  AttachCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri);
      Container target = lookup.container(lookup.pod(pod), container, context);
      AttachRequest request =
          AttachRequest.newBuilder()
              .setContainerId(target.getId())
              .setStdin(stdin)
              .setStdout(true)
              .setStderr(!tty)
              .setTty(tty)
              .build();
      String url = cri.runtime(Cri.QUICK, stub -> stub.attach(request)).getUrl();
      int code = new CommandStream(context.terminal(), context.in(), stdin, tty).run(url);
      if (code != 0) {
        return code;
      }
      ContainerStatus status = lookup.status(target);
      return status.getExitCode();
    }
  }
}
