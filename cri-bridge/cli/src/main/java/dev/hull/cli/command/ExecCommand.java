package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.stream.CommandStream;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

  @Parameters(index = "0", paramLabel = "POD", description = "Name or id of the pod.")
  String pod = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "What to run; write -- in front if it has options.")
  List<String> command = List.of();

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NAME",
      description = "In this container.")
  Optional<String> container = Optional.empty();

  @Option(
      names = {"-i", "--stdin"},
      description = "Pass standard input on.")
  boolean stdin;

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal.")
  boolean tty;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "Without -i and -t: kill it after this time, such as 30s or 5m (default: 1h).")
  Duration timeout = Duration.ofHours(1);

  ExecCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri);
      Container target = lookup.container(lookup.pod(pod), container, context);
      if (stdin || tty) {
        ExecRequest streamed =
            ExecRequest.newBuilder()
                .setContainerId(target.getId())
                .addAllCmd(command)
                .setStdin(stdin)
                .setStdout(true)
                .setStderr(!tty)
                .setTty(tty)
                .build();
        String url = cri.runtime(Cri.QUICK, stub -> stub.exec(streamed)).getUrl();
        return new CommandStream(context.terminal(), context.in(), stdin, tty).run(url);
      }
      ExecSyncRequest request =
          ExecSyncRequest.newBuilder()
              .setContainerId(target.getId())
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
}
