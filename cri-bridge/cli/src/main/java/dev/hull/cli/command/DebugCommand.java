package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.LogFollower;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.EphemeralContainer;
import dev.hull.cli.manifest.ManifestException;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.supervisor.Spool.Wanted;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull debug. */
@Command(
    name = "debug",
    description = {
      "Add a container to a pod that runs, to look into it with the tools of another image. It is"
          + " started once, and is there until the pod goes.",
      "The pod is one that the daemon looks after: of hull apply, or of hull run --detach.",
      "With -i it is attached to, and the exit code is the container's."
    })
final class DebugCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(100);

  /** Kubernetes' letters for made-up names: they form no words, and none is taken for another. */
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

  private static final int SUFFIX = 5;

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin NamespaceOption namespace = new NamespaceOption();
  @Mixin StreamOption streams = new StreamOption();

  @Parameters(index = "0", paramLabel = "POD", description = "Name of the pod.")
  String pod = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "Instead of the image's entrypoint; write -- in front if it has options.")
  List<String> command = List.of();

  @Option(names = "--image", required = true, paramLabel = "IMAGE", description = "Of what it is.")
  String image = "";

  @Option(
      names = "--image-pull-policy",
      paramLabel = "POLICY",
      description = "Always, IfNotPresent or Never (default: Always for :latest).")
  Optional<String> pullPolicy = Optional.empty();

  @Option(
      names = "--target",
      paramLabel = "CONTAINER",
      description = "See the processes of this container (default: only its own).")
  Optional<String> target = Optional.empty();

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NEW",
      description = "How it is called (default: debugger-xxxxx).")
  Optional<String> name = Optional.empty();

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "A variable of its environment; may be given again.")
  Map<String, String> variables = Map.of();

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      converter = DebugProfile.Converter.class,
      description =
          "What it may do: general (the default: look into other processes), baseline, restricted,"
              + " netadmin, sysadmin.")
  DebugProfile profile = DebugProfile.GENERAL;

  @Option(
      names = {"-q", "--quiet"},
      description = "No hints.")
  boolean quiet;

  DebugCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    Spool spool = daemon.spool(context);
    Thing key = Kinds.keys(List.of("pod", Kinds.podName(pod)), namespace.namespace()).getFirst();
    Wanted wanted = wanted(spool, key);
    String called = name.orElseGet(DebugCommand::madeUp);
    checkNames(pod(wanted), called);
    EphemeralContainer container;
    try {
      container = EphemeralContainer.of(pod(wanted), source(called));
    } catch (ManifestException e) {
      throw new UserException(e.getMessage(), e);
    }
    if (!spool.add(key, wanted.uid(), container, context.clock().instant())) {
      throw new UserException(
          "the pod %s has an ephemeral container %s already; attach to it, or choose another name"
              .formatted(key.name(), called));
    }
    if (name.isEmpty()) {
      hint("Defaulting debug container name to " + called + ".");
    }
    return streams.stdin ? attach(spool, key, wanted, called) : ExitCodes.OK;
  }

  private static Wanted wanted(Spool spool, Thing key) throws UserException, IOException {
    Optional<Wanted> wanted = spool.wanted(key);
    if (wanted.isEmpty()) {
      throw new UserException(
          ("the daemon looks after no pod %s in namespace %s; a pod of somebody else (hull run, a"
                  + " kubelet) is entered by hull exec")
              .formatted(key.name(), key.namespace()));
    }
    String phase = spool.status(key).map(DebugCommand::phase).orElse("");
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      throw new UserException(
          "the pod %s has ended (%s), and nothing is started in it any more; see hull logs %s"
              .formatted(key.name(), phase, key.name()));
    }
    return wanted.get();
  }

  /** What would be said of fields, if the Pod's API were left to find it. */
  private void checkNames(Pod pod, String called) throws UserException {
    List<String> names = pod.everyContainer().map(Container::name).toList();
    if (target.isPresent() && !names.contains(target.get())) {
      throw new UserException(
          "--target: the pod %s has no container %s; it has: %s"
              .formatted(pod.name(), target.get(), String.join(", ", names)));
    }
    if (names.contains(called)) {
      throw new UserException(
          "the pod %s has a container %s already; choose another name for the new one (-c)"
              .formatted(pod.name(), called));
    }
  }

  private static String phase(JsonObject status) {
    return status(status).get("phase").getAsString();
  }

  private static JsonObject status(JsonObject all) {
    return all.getAsJsonObject("pod").getAsJsonObject("status");
  }

  private static Pod pod(Wanted wanted) {
    if (wanted.document() instanceof Document.OfPod pod) {
      return pod.pod();
    }
    throw new IllegalStateException(wanted.document().name() + " is no pod");
  }

  private static String madeUp() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return IntStream.range(0, SUFFIX)
        .mapToObj(_ -> LETTERS.charAt(random.nextInt(LETTERS.length())))
        .map(String::valueOf)
        .collect(Collectors.joining("", "debugger-", ""));
  }

  private JsonObject source(String called) {
    JsonObject source = new JsonObject();
    source.addProperty("name", called);
    source.addProperty("image", image);
    pullPolicy.ifPresent(policy -> source.addProperty("imagePullPolicy", policy));
    target.ifPresent(container -> source.addProperty("targetContainerName", container));
    if (!command.isEmpty()) {
      JsonArray words = new JsonArray();
      command.forEach(words::add);
      source.add("command", words);
    }
    if (!variables.isEmpty()) {
      JsonArray env = new JsonArray();
      variables.forEach(
          (variable, value) -> {
            JsonObject one = new JsonObject();
            one.addProperty("name", variable);
            one.addProperty("value", value);
            env.add(one);
          });
      source.add("env", env);
    }
    source.addProperty("stdin", streams.stdin);
    // So that it ends with the one who came to use it.
    source.addProperty("stdinOnce", streams.stdin);
    source.addProperty("tty", streams.tty);
    JsonObject security = profile.securityContext();
    if (!security.isEmpty()) {
      source.add("securityContext", security);
    }
    return source;
  }

  private int attach(Spool spool, Thing key, Wanted wanted, String called)
      throws UserException, IOException, InterruptedException {
    JsonObject begun = await(spool, key, wanted, called);
    String id = begun.get("containerID").getAsString().replaceFirst("^.*/", "");
    try (Cri cri = daemon.connect(context)) {
      if (begun.getAsJsonObject("state").has("terminated")) {
        return ended(cri, id).orElseThrow();
      }
      hint(
          "All commands and output from this session will be recorded in container logs, including"
              + " credentials and sensitive information passed through the command prompt.");
      hint("If you don't see a command prompt, try pressing enter.");
      try {
        return streams.attach(context, cri, id);
      } catch (CriException | IOException e) {
        Optional<Integer> code = ended(cri, id);
        if (code.isPresent()) {
          return code.get();
        }
        throw UserException.of(e, id, called);
      }
    }
  }

  /** It was quicker than we were: prints what it has written. Its exit code, if it has ended. */
  private Optional<Integer> ended(Cri cri, String id) throws IOException {
    ContainerStatusRequest request = ContainerStatusRequest.newBuilder().setContainerId(id).build();
    ContainerStatus status =
        cri.runtime(Cri.QUICK, stub -> stub.containerStatus(request)).getStatus();
    if (status.getState() != ContainerState.CONTAINER_EXITED) {
      return Optional.empty();
    }
    LogFollower.printOnce(Path.of(status.getLogPath()), context.terminal()::line);
    return Optional.of(status.getExitCode());
  }

  /** Its status once it has been started; says meanwhile what keeps it. */
  private JsonObject await(Spool spool, Thing key, Wanted wanted, String called)
      throws UserException, IOException, InterruptedException {
    String told = "";
    while (true) {
      Optional<JsonObject> found =
          spool.status(key).flatMap(status -> container(status(status), called));
      if (found.isPresent()) {
        JsonObject state = found.get().getAsJsonObject("state");
        if (!(state.get("waiting") instanceof JsonObject waiting)) {
          return found.get();
        }
        String why = waiting.has("message") ? waiting.get("message").getAsString() : "";
        if (!why.isEmpty() && !why.equals(told)) {
          context.complain("container " + called + ": " + why);
          told = why;
        }
      }
      if (!wanted(spool, key).uid().equals(wanted.uid())) {
        throw new UserException("another pod " + key.name() + " has taken the place of this one");
      }
      context.time().sleep(LOOK);
    }
  }

  private static Optional<JsonObject> container(JsonObject status, String called) {
    return status.get("ephemeralContainerStatuses") instanceof JsonArray all
        ? all.asList().stream()
            .map(JsonElement::getAsJsonObject)
            .filter(one -> one.get("name").getAsString().equals(called))
            .findFirst()
        : Optional.empty();
  }

  private void hint(String sentence) {
    if (!quiet) {
      context.terminal().err().println(sentence);
    }
  }
}
