package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.CriLogParser;
import dev.hull.cli.kubelet.LogFollower;
import dev.hull.cli.terminal.ContainerOutput;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.PodSandbox;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
      paramLabel = "CONTAINER",
      description = "Only this container.")
  Optional<String> container = Optional.empty();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the containers end.")
  boolean follow;

  @Option(
      names = {"-p", "--previous"},
      description = "Of the start before the last.")
  boolean previous;

  @Option(
      names = "--since",
      paramLabel = "DURATION",
      description = "Only what was written in this time, such as 30s or 5m.")
  Optional<Duration> since = Optional.empty();

  @Option(names = "--timestamps", description = "Begin each line with its time.")
  boolean timestamps;

  @Option(
      names = "--tail",
      paramLabel = "LINES",
      description = "Begin with so many of the last lines; not with -f.")
  Optional<Integer> tail = Optional.empty();

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
          logs.put(one, log(one, Path.of(status.getLogPath())));
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
          printOnce(log.getValue(), sink(log.getKey(), logs.size(), output));
        }
      }
      return ExitCodes.OK;
    }
  }

  private void printOnce(Path log, CriLogParser.Sink sink) throws IOException {
    if (tail.isEmpty()) {
      LogFollower.printOnce(log, sink);
      return;
    }
    Deque<Runnable> last = new ArrayDeque<>();
    CriLogParser.Sink kept =
        new CriLogParser.Sink() {
          @Override
          public void line(boolean stderr, byte[] line) {
            line("", stderr, line);
          }

          @Override
          public void line(String time, boolean stderr, byte[] line) {
            last.add(() -> sink.line(time, stderr, line));
            if (last.size() > tail.get()) {
              last.removeFirst();
            }
          }
        };
    LogFollower.printOnce(log, kept);
    last.forEach(Runnable::run);
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

  /** Each start has a log of its own, by its number. */
  private Path log(Container one, Path newest) throws UserException {
    if (!previous) {
      return newest;
    }
    Path before = newest.resolveSibling((one.getMetadata().getAttempt() - 1) + ".log");
    if (!Files.exists(before)) {
      throw new UserException(
          "container " + one.getMetadata().getName() + " was not started before");
    }
    return before;
  }

  private CriLogParser.Sink sink(Container one, int of, ContainerOutput output) {
    CriLogParser.Sink plain =
        of > 1
            ? (stderr, line) -> output.line(one.getMetadata().getName(), stderr, line)
            : context.terminal()::line;
    Optional<Instant> from = since.map(context.clock().instant()::minus);
    return from.isEmpty() && !timestamps ? plain : new TimedSink(plain, from, timestamps);
  }

  /** Leaves out what is too old, and puts times in front. */
  private record TimedSink(CriLogParser.Sink plain, Optional<Instant> from, boolean shown)
      implements CriLogParser.Sink {
    @Override
    public void line(boolean stderr, byte[] line) {
      plain.line(stderr, line);
    }

    @Override
    public void line(String time, boolean stderr, byte[] line) {
      if (from.isPresent() && isBefore(time, from.get())) {
        return;
      }
      if (!shown) {
        plain.line(stderr, line);
        return;
      }
      ByteArrayOutputStream timed = new ByteArrayOutputStream();
      timed.writeBytes((time + " ").getBytes(StandardCharsets.UTF_8));
      timed.writeBytes(line);
      plain.line(stderr, timed.toByteArray());
    }

    private static boolean isBefore(String time, Instant moment) {
      try {
        return OffsetDateTime.parse(time).toInstant().isBefore(moment);
      } catch (DateTimeParseException e) {
        return false; // No line of ours; it is shown.
      }
    }
  }
}
