package dev.hull.cli.command;

import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.volume.PodVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull delete. */
@Command(
    name = "delete",
    description = {
      "Delete what manifests name, or things by kind and name: Pods are ended within their grace"
          + " period; with a PersistentVolumeClaim goes what is in it.",
      "Waits until the Pods are gone."
    })
final class DeleteCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration MARGIN = Duration.ofMinutes(5);

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin FileOption file = new FileOption();
  @Mixin NamespaceOption namespace = new NamespaceOption();

  @Parameters(
      arity = "0..*",
      paramLabel = "KIND NAME",
      description = "Instead of manifests: pod, configmap, secret or pvc, and names.")
  List<String> named = List.of();

  @Option(
      names = "--grace-period",
      paramLabel = "SECONDS",
      description = "Instead of the Pod's own; 0 kills at once.")
  Optional<Long> grace = Optional.empty();

  @Option(names = "--ignore-not-found", description = "What is not there is no error.")
  boolean ignoreMissing;

  DeleteCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    List<Thing> keys = keys();
    if (keys.isEmpty()) {
      throw new UserException("hull delete needs -f FILE, or a kind and names");
    }
    Spool spool = daemon.spool(context);
    int code = ExitCodes.OK;
    List<Thing> pods = new ArrayList<>();
    for (Thing key : keys) {
      if (spool.delete(key, grace.map(Duration::ofSeconds))) {
        context.terminal().out().println(title(key) + " deleted");
        if (key.kind().equals(Spool.POD)) {
          pods.add(key);
        }
      } else if (!ignoreMissing) {
        context.complain("there is no " + title(key) + " in namespace " + key.namespace());
        code = ExitCodes.FAILED;
      }
    }
    await(spool, pods);
    for (Thing key : keys) {
      if (key.kind().equals(Kinds.CLAIM)) {
        removeClaim(spool, key);
      }
    }
    return code;
  }

  private List<Thing> keys() throws UserException {
    List<Thing> keys = new ArrayList<>();
    if (!file.files.isEmpty()) {
      Manifest manifest = new ManifestFiles(context).read(file.files, namespace.given);
      // Pods first: what they refer to is of use to them until they are gone.
      manifest.documents().reversed().stream()
          .map(document -> new Thing(document.kind(), document.namespace(), document.name()))
          .sorted((a, b) -> Boolean.compare(!a.kind().equals("Pod"), !b.kind().equals("Pod")))
          .forEach(keys::add);
    }
    if (!named.isEmpty()) {
      if (named.size() == 1 && !named.getFirst().contains("/")) {
        throw new UserException("which " + named.getFirst() + "? name it");
      }
      keys.addAll(Kinds.keys(named, namespace.namespace()));
    }
    return keys;
  }

  private static String title(Thing key) {
    return key.kind().toLowerCase(Locale.ROOT) + " \"" + key.name() + "\"";
  }

  private void await(Spool spool, List<Thing> pods)
      throws UserException, IOException, InterruptedException {
    long began = context.time().millis();
    Duration longest = MARGIN.plusSeconds(grace.orElse(3600L));
    for (Thing pod : pods) {
      while (spool.list(Spool.POD).contains(pod)) {
        if (context.time().millis() - began > longest.toMillis()) {
          throw new UserException(
              "the pod " + pod.name() + " is still there; the log of hull serve says why");
        }
        context.time().sleep(LOOK);
      }
    }
  }

  private void removeClaim(Spool spool, Thing key) throws IOException {
    Path folder = PodVolumes.claim(PodSession.claims(spool.root()), key.namespace(), key.name());
    if (Files.isDirectory(folder)) {
      PodFolder.deleteTree(folder, context.mounts());
    }
  }
}
