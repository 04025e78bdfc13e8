package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.daemon.OwnDaemon;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.life.Crew;
import dev.hull.cli.life.Phase;
import dev.hull.cli.life.PodLife;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.PodSandboxState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** hull run. */
@Command(
    name = "run",
    description = {
      "Run the Pods of manifests, each in a machine of its own, print what their containers write,"
          + " and remove them when they have ended, or at Ctrl-C.",
      "ConfigMaps, Secrets and PersistentVolumeClaims in the manifests are what the Pods refer to;"
          + " claims are kept.",
      "The exit code is 0 if all containers succeeded, else that of the first that failed; 124 when"
          + " --timeout is over, 125 if Hull failed."
    })
final class RunCommand implements Callable<Integer> {
  private final Context context;

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "Manifests, YAML or JSON, or folders of them; - for standard input.")
  List<String> named = List.of();

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "The same, as kubectl has it.")
  List<String> optioned = List.of();

  @Mixin NamespaceOption namespace = new NamespaceOption();

  @Option(
      names = "--detach",
      description = "Leave the pod with the daemon once its containers are started; see hull rm.")
  boolean detach;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "Stop the pod after this time, such as 90s, 5m or 1h30m.")
  Optional<Duration> timeout = Optional.empty();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description =
          "Use the daemon there (default: the one at /run/hull/hull.sock if it answers, or else one"
              + " inside this process).")
  Optional<Path> socket = Optional.empty();

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description =
          "Use a daemon inside this process which keeps its images here (default: a new folder that"
              + " is removed at the end).")
  Optional<Path> root = Optional.empty();

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  RunCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, InterruptedException {
    List<String> files = Stream.concat(named.stream(), optioned.stream()).toList();
    if (files.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "hull run needs a manifest");
    }
    Manifest manifest = new ManifestFiles(context).read(files, namespace.given);
    if (manifest.documents().stream().noneMatch(Document.OfPod.class::isInstance)) {
      throw new UserException("there is no Pod in " + String.join(", ", files));
    }
    StopRequest stop = new StopRequest(context.time(), timeout);
    try (SignalledStop _ = new SignalledStop(stop, context);
        PodSession session = session()) {
      return run(session, manifest, stop);
    } catch (StopException e) {
      context.complain(e.getMessage());
      return e.exitCode();
    } catch (HostException | PodException | CriException e) {
      context.complain(e.getMessage());
      return ExitCodes.HULL_FAILED;
    }
  }

  private int run(PodSession session, Manifest manifest, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    demandNew(session.cri(), manifest);
    Crew crew = session.crew(manifest, new Timeline(context.time()));
    boolean released = false;
    int code;
    try {
      crew.live(stop, life -> detach && isStarted(life));
      if (detach) {
        crew.leave();
        handOver(manifest, crew);
        crew.lives().forEach(life -> context.terminal().out().println(life.sandboxId().orElse("")));
        return ExitCodes.OK;
      }
      code = outcome(crew);
    } finally {
      released = session.release(crew);
    }
    return code == 0 && !released ? ExitCodes.HULL_FAILED : code;
  }

  /** Another of the same name would take the place of one that runs. */
  private static void demandNew(Cri cri, Manifest manifest) throws PodException {
    for (PodSandbox present : new Lookup(cri).pods()) {
      PodSandboxMetadata its = present.getMetadata();
      for (Document document : manifest.documents()) {
        if (document instanceof Document.OfPod
            && present.getState() == PodSandboxState.SANDBOX_READY
            && document.namespace().equals(its.getNamespace())
            && document.name().equals(its.getName())) {
          throw new PodException(
              "pod %1$s is there already; remove it with hull rm %1$s, or have it changed with hull apply"
                  .formatted(its.getName()));
        }
      }
    }
  }

  /** Who looks after pods at the daemon looks after these from now on, if there is somebody. */
  private void handOver(Manifest manifest, Crew crew) throws PodException {
    Optional<Spool> spool = Spool.beside(socket.orElse(Daemons.DEFAULT_SOCKET).toAbsolutePath());
    if (spool.isEmpty()) {
      return;
    }
    try {
      for (Document document : manifest.documents()) {
        if (document instanceof Document.OfPod pod) {
          for (PodLife life : crew.lives()) {
            if (life.pod().equals(pod.pod())) {
              spool.get().adopt(pod, life.uid(), context.clock().instant());
            }
          }
        } else {
          var _ = spool.get().apply(document, context.clock().instant());
        }
      }
    } catch (IOException e) {
      throw new PodException("nobody looks after the pods: " + e.getMessage(), e);
    }
  }

  private static boolean isStarted(PodLife life) {
    return life.status().phase() != Phase.PENDING;
  }

  private int outcome(Crew crew) {
    crew.podFailures().forEach(context::complain);
    List<Crew.Failure> failures = crew.failures();
    failures.forEach(failure -> explain(failure, crew.lives().size() > 1));
    return failures.isEmpty()
        ? crew.podFailures().isEmpty() ? ExitCodes.OK : ExitCodes.FAILED
        : failures.getFirst().end().exitCode();
  }

  private void explain(Crew.Failure failure, boolean several) {
    String reason = failure.end().reason().equals("Error") ? "" : failure.end().reason();
    String detail =
        Stream.of(reason, failure.end().message().strip())
            .filter(part -> !part.isEmpty())
            .reduce((left, right) -> left + ": " + right)
            .map(text -> " (" + text + ")")
            .orElse("");
    context.complain(
        "container "
            + (several ? failure.pod() + "/" : "")
            + failure.container()
            + " exited with "
            + failure.end().exitCode()
            + detail);
  }

  private PodSession session() throws UserException, HostException {
    if (socket.isPresent() && root.isPresent()) {
      throw new UserException(
          "--socket and --root exclude each other: a daemon that is there has its own root");
    }
    Path asked = socket.orElse(Daemons.DEFAULT_SOCKET).toAbsolutePath();
    Optional<Cri> daemon =
        root.isPresent() ? Optional.empty() : Daemons.answering(asked, context.connect());
    if (daemon.isPresent()) {
      Path pods = Spool.beside(asked).map(Spool::root).orElse(context.root());
      return PodSession.over(context, daemon.get(), pods);
    }
    if (socket.isPresent()) {
      throw new UserException(
          "no daemon answers at " + asked + "; start one with: hull serve --socket " + asked);
    }
    if (detach) {
      throw new UserException(
          "--detach needs a daemon that looks after the pod; start one with: hull serve");
    }
    OwnDaemon.Root where =
        root.isPresent()
            ? new OwnDaemon.Root.Kept(root.get())
            : new OwnDaemon.Root.Temporary(context.root().resolve("run"));
    PodSession session = PodSession.own(context, where, guestImage);
    context.complain("no daemon at " + asked + ", using one of its own in " + session.root());
    return session;
  }
}
