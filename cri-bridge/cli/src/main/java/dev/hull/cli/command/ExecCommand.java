package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull exec. */
@Command(
    name = "exec",
    description = {
      "Run a command in a container; the exit code is the command's.",
      "Without -i and -t it gets no input and no terminal, and what it wrote is printed when it has"
          + " ended."
    })
final class ExecCommand implements Callable<Integer> {
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin ContainerOption container = new ContainerOption();
  @Mixin StreamOption streams = new StreamOption();

  @Parameters(index = "0", paramLabel = "POD", description = Lookup.POD_DESCRIPTION)
  String pod = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "What to run; write -- in front if it has options.")
  List<String> command = List.of();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "Without -i and -t: kill it after this time, such as 30s or 5m (default: 1h).")
  Duration timeout = Duration.ofHours(1);

  ExecCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri, daemon.supervised());
      Container target = lookup.container(lookup.pod(pod), container.name, context);
      try {
        return exec(cri, target.getId());
      } catch (CriException | IOException e) {
        throw UserException.of(e, target.getId(), target.getMetadata().getName());
      }
    }
  }

  private int exec(Cri cri, String id) throws IOException, InterruptedException {
    if (streams.stdin || streams.tty) {
      return streams.exec(
          context, cri, ExecRequest.newBuilder().setContainerId(id).addAllCmd(command));
    }
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(id)
            .addAllCmd(command)
            .setTimeout(Math.max(1, timeout.toSeconds()))
            .build();
    ExecSyncResponse response = cri.runtime(timeout.plus(MARGIN), stub -> stub.execSync(request));
    response.getStdout().writeTo(context.terminal().out());
    context.terminal().out().flush();
    response.getStderr().writeTo(context.terminal().err());
    context.terminal().err().flush();
    return response.getExitCode();
  }
}
