package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.CriLogParser;
import dev.hull.cli.kubelet.LogFollower;
import dev.hull.cli.kubelet.Tail;
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
    description = "Print what a container of a pod has written, or with --all-containers each.")
final class LogsCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(500);

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(index = "0", paramLabel = "POD", description = Lookup.POD_DESCRIPTION)
  String pod = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "CONTAINER", description = "As with -c.")
  Optional<String> second = Optional.empty();

  @Mixin ContainerOption container = new ContainerOption();

  @Option(
      names = "--all-containers",
      description = "Of all containers: ordinary, init and ephemeral ones.")
  boolean all;

  @Option(names = "--prefix", description = "Begin each line with [pod/POD/CONTAINER].")
  boolean prefix;

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
      description = "Begin with so many of the last lines (default: -1, all).")
  Optional<Integer> tail = Optional.empty();

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri, daemon.supervised());
      PodSandbox found = lookup.pod(pod);
      Map<Container, Path> logs = new LinkedHashMap<>();
      for (Container one : chosen(lookup, found)) {
        ContainerStatus status = lookup.status(one);
        if (!status.getLogPath().isEmpty()) {
          logs.put(one, log(one, Path.of(status.getLogPath())));
        }
      }
      if (follow) {
        follow(lookup, found, logs);
      } else {
        for (Map.Entry<Container, Path> log : logs.entrySet()) {
          Tail ending = new Tail(tail, sink(found, log.getKey()));
          LogFollower.printOnce(log.getValue(), ending);
          ending.release();
        }
      }
      return ExitCodes.OK;
    }
  }

  private List<Container> chosen(Lookup lookup, PodSandbox found) throws UserException {
    Optional<String> named = container.name.or(() -> second);
    if (container.name.isPresent() && second.isPresent()) {
      throw new UserException("a container is named by -c or behind the pod, not by both");
    }
    if (!all) {
      return List.of(lookup.container(found, named, context));
    }
    if (named.isPresent()) {
      throw new UserException("--all-containers and a container's name exclude each other");
    }
    return lookup.roster(found).started();
  }

  private void follow(Lookup lookup, PodSandbox found, Map<Container, Path> logs)
      throws InterruptedException {
    Map<Container, LogFollower> followers = new LinkedHashMap<>();
    logs.forEach(
        (one, path) -> {
          Tail ending = new Tail(tail, sink(found, one));
          followers.put(one, new LogFollower(path, ending, ending::release));
        });
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

  private CriLogParser.Sink sink(PodSandbox found, Container one) {
    String head =
        prefix
            ? "[pod/%s/%s] ".formatted(found.getMetadata().getName(), one.getMetadata().getName())
            : "";
    CriLogParser.Sink plain = context.terminal()::line;
    Optional<Instant> from = since.map(context.clock().instant()::minus);
    return head.isEmpty() && from.isEmpty() && !timestamps
        ? plain
        : new HeadedSink(plain, head, from, timestamps);
  }

  /** Leaves out what is too old, and puts the container and times in front. */
  private record HeadedSink(
      CriLogParser.Sink plain, String head, Optional<Instant> from, boolean shown)
      implements CriLogParser.Sink {
    @Override
    public void line(boolean stderr, byte[] line) {
      line("", stderr, line);
    }

    @Override
    public void line(String time, boolean stderr, byte[] line) {
      if (from.isPresent() && isBefore(time, from.get())) {
        return;
      }
      ByteArrayOutputStream full = new ByteArrayOutputStream();
      full.writeBytes((shown ? head + time + " " : head).getBytes(StandardCharsets.UTF_8));
      full.writeBytes(line);
      plain.line(stderr, full.toByteArray());
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
