package dev.hull.cli.command;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull wait. */
@Command(
    name = "wait",
    description = {
      "Wait until Pods have a condition, or are gone.",
      "The exit code is 1 if they have not got there in time."
    })
final class WaitCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final String CONDITION = "condition=";
  private static final String DELETE = "delete";

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin NamespaceOption namespace = new NamespaceOption();

  @Parameters(arity = "1..*", paramLabel = "pod NAME", description = "Names of pods.")
  List<String> words = List.of();

  @Option(
      names = "--for",
      required = true,
      paramLabel = "WHAT",
      description =
          "condition=Ready, condition=Initialized=false and the like, as describe shows them; or"
              + " delete.")
  String what = "";

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "The longest to wait for all of them: 30s, if not given.")
  Duration timeout = Duration.ofSeconds(30);

  WaitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    if (!what.startsWith(CONDITION) && !what.equals(DELETE)) {
      throw new UserException(
          "--for is condition=NAME, condition=NAME=STATUS or delete, not " + what);
    }
    Spool spool = daemon.spool(context);
    List<Thing> pods = Kinds.keys(words, namespace.namespace());
    if (pods.isEmpty() || !pods.stream().allMatch(pod -> pod.kind().equals(Spool.POD))) {
      throw new UserException("which pod? name it: hull wait --for=condition=Ready pod NAME");
    }
    long end = context.time().millis() + timeout.toMillis();
    int code = ExitCodes.OK;
    for (Thing pod : pods) {
      if (await(spool, pod, end)) {
        context.terminal().out().println("pod/" + pod.name() + " condition met");
      } else {
        context.complain("timed out waiting for the condition on pods/" + pod.name());
        code = ExitCodes.FAILED;
      }
    }
    return code;
  }

  private boolean await(Spool spool, Thing pod, long end)
      throws UserException, IOException, InterruptedException {
    while (!isMet(spool, pod)) {
      if (context.time().millis() >= end) {
        return false;
      }
      context.time().sleep(LOOK);
    }
    return true;
  }

  private boolean isMet(Spool spool, Thing pod) throws UserException, IOException {
    boolean there = spool.list(Spool.POD).contains(pod);
    if (what.equals(DELETE)) {
      return !there;
    }
    if (!there) {
      throw new UserException(
          "there is no pod %s in namespace %s".formatted(pod.name(), pod.namespace()));
    }
    String[] wanted = what.substring(CONDITION.length()).split("=", 2);
    String status = wanted.length == 2 ? wanted[1] : "True";
    return spool
        .status(pod)
        .map(all -> all.getAsJsonObject("pod").getAsJsonObject("status"))
        .filter(its -> has(its, wanted[0], status))
        .isPresent();
  }

  /** Without regard to case, as kubectl has it. */
  private static boolean has(JsonObject its, String type, String status) {
    for (JsonElement element : its.getAsJsonArray("conditions")) {
      JsonObject condition = element.getAsJsonObject();
      if (condition.get("type").getAsString().equalsIgnoreCase(type)) {
        return condition
            .get("status")
            .getAsString()
            .toLowerCase(Locale.ROOT)
            .equals(status.toLowerCase(Locale.ROOT));
      }
    }
    return false;
  }
}
