package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.CriLogParser;
import dev.hull.cli.kubelet.LogFollower;
import dev.hull.cli.terminal.ContainerOutput;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.PodSandbox;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull logs. */
@Command(
    name = "logs",
    description = "Print what a pod's containers have written; of several, each line is prefixed.")
final class LogsCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(500);

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "POD", description = "Name, namespace/name, or (beginning of an) id.")
  String pod = "";

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NAME",
      description = "Only this container.")
  Optional<String> container = Optional.empty();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the containers end.")
  boolean follow;

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri);
      PodSandbox found = lookup.pod(pod);
      List<Container> containers =
          container.isPresent()
              ? List.of(lookup.container(found, container, context))
              : lookup.containers(found);
      Map<Container, Path> logs = new LinkedHashMap<>();
      for (Container one : containers) {
        ContainerStatus status = lookup.status(one);
        if (!status.getLogPath().isEmpty()) {
          logs.put(one, Path.of(status.getLogPath()));
        }
      }
      ContainerOutput output =
          new ContainerOutput(
              context.terminal(),
              context.style(),
              containers.stream().map(one -> one.getMetadata().getName()).toList());
      if (follow) {
        follow(lookup, logs, output);
      } else {
        for (Map.Entry<Container, Path> log : logs.entrySet()) {
          LogFollower.printOnce(log.getValue(), sink(log.getKey(), logs.size(), output));
        }
      }
      return ExitCodes.OK;
    }
  }

  private void follow(Lookup lookup, Map<Container, Path> logs, ContainerOutput output)
      throws InterruptedException {
    Map<Container, LogFollower> followers = new LinkedHashMap<>();
    logs.forEach(
        (one, path) -> followers.put(one, new LogFollower(path, sink(one, logs.size(), output))));
    List<Container> running = new ArrayList<>(logs.keySet());
    while (!running.isEmpty()) {
      running.removeIf(one -> lookup.status(one).getState() == ContainerState.CONTAINER_EXITED);
      followers.forEach(
          (one, follower) -> {
            if (!running.contains(one)) {
              follower.close();
            }
          });
      if (!running.isEmpty()) {
        context.time().sleep(POLL);
      }
    }
  }

  private CriLogParser.Sink sink(Container one, int of, ContainerOutput output) {
    if (of > 1) {
      return (stderr, line) -> output.line(one.getMetadata().getName(), stderr, line);
    }
    return (stderr, line) -> {
      PrintStream stream = stderr ? context.terminal().err() : context.terminal().out();
      stream.write(line, 0, line.length);
      stream.write('\n');
      stream.flush();
    };
  }
}
