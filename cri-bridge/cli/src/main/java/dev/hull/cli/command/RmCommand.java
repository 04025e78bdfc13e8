package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodAnnotations;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.kubelet.Sandboxes;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cri.v1.PodSandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull rm. */
@Command(
    name = "rm",
    description = "Stop pods within their grace period, and remove them with their volumes.")
final class RmCommand implements Callable<Integer> {
  private static final long DEFAULT_GRACE_SECONDS = 30;
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(arity = "1..*", paramLabel = "POD", description = "Names or ids of pods.")
  List<String> pods = List.of();

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      description = "Instead of the pod's own grace period; 0s kills at once.")
  Optional<Duration> grace = Optional.empty();

  RmCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    int code = ExitCodes.OK;
    try (Cri cri = daemon.connect(context)) {
      for (String pod : pods) {
        try {
          remove(cri, new Lookup(cri).pod(pod));
          context.terminal().out().println(pod);
        } catch (UserException | CriException | IOException e) {
          context.complain("cannot remove " + pod + ": " + e.getMessage());
          code = ExitCodes.FAILED;
        }
      }
    }
    return code;
  }

  private void remove(Cri cri, PodSandbox pod) throws IOException {
    Thing thing =
        new Thing(Spool.POD, pod.getMetadata().getNamespace(), pod.getMetadata().getName());
    Optional<Spool> spool = daemon.supervised();
    if (spool.isPresent() && isKept(spool.get(), thing, pod)) {
      // Who looks after it would start it again.
      if (spool.get().delete(thing, grace)) {
        awaitGone(spool.get(), thing);
      }
      return;
    }
    Sandboxes sandboxes = new Sandboxes(cri);
    sandboxes.stop(pod.getId(), grace.orElseGet(() -> ownGrace(pod)));
    sandboxes.remove(pod.getId());
    String folder = pod.getAnnotationsOrDefault(PodAnnotations.FOLDER, "");
    if (!folder.isEmpty()) {
      PodFolder.existing(Path.of(folder), pod.getMetadata().getUid(), context.mounts()).remove();
    }
  }

  private static boolean isKept(Spool spool, Thing thing, PodSandbox pod) throws IOException {
    return spool
        .wanted(thing)
        .filter(wanted -> wanted.uid().equals(pod.getMetadata().getUid()))
        .isPresent();
  }

  private void awaitGone(Spool spool, Thing thing) {
    try {
      while (spool.list(Spool.POD).contains(thing)) {
        context.time().sleep(LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration ownGrace(PodSandbox pod) {
    String seconds = pod.getAnnotationsOrDefault(PodAnnotations.GRACE_SECONDS, "");
    return Duration.ofSeconds(
        seconds.matches("\\d{1,7}") ? Long.parseLong(seconds) : DEFAULT_GRACE_SECONDS);
  }
}
