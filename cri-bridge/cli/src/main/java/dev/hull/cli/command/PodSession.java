package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.daemon.OwnDaemon;
import dev.hull.cli.kubelet.HostResolver;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.PodRun;
import dev.hull.cli.kubelet.RunningPod;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.terminal.ContainerOutput;
import dev.hull.cri.host.HostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A daemon for one run: one that answers already, or one inside this process. */
final class PodSession implements AutoCloseable {
  /**
   * The second is where systemd-resolved names the servers behind its own, which is on loopback.
   */
  private static final List<Path> RESOLVERS =
      List.of(Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf"));

  private final Context context;
  private final Cri cri;
  private final Path root;
  private final Optional<OwnDaemon> own;

  private PodSession(Context context, Cri cri, Path root, Optional<OwnDaemon> own) {
    this.context = context;
    this.cri = cri;
    this.root = root;
    this.own = own;
  }

  /** Over a daemon that is there; {@code root} is where the pods' folders are. */
  static PodSession over(Context context, Cri cri, Path root) {
    return new PodSession(context, cri, root, Optional.empty());
  }

  /** With a daemon of its own. */
  static PodSession own(Context context, OwnDaemon.Root where, Optional<Path> guestImage)
      throws HostException {
    OwnDaemon daemon =
        OwnDaemon.start(
            Daemons.provider(),
            where,
            Daemons.guestImage(guestImage, context.environment()),
            "",
            context.mounts(),
            context::complain);
    return new PodSession(context, daemon.cri(), daemon.root(), Optional.of(daemon));
  }

  Path root() {
    return root;
  }

  Cri cri() {
    return cri;
  }

  RunningPod start(Pod pod, Timeline timeline, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    PodRun run =
        new PodRun(cri, context.puller(cri, timeline), context.time(), timeline, context::complain);
    ContainerOutput output =
        new ContainerOutput(context.terminal(), context.style(), PodRun.names(pod));
    PodRun.Place place = new PodRun.Place(root, context.mounts(), HostResolver.read(RESOLVERS));
    return run.start(pod, place, output, stop);
  }

  /** Stops and removes the pod. False, and the root is kept, if that failed. */
  boolean release(RunningPod pod) {
    pod.close();
    if (!pod.isReleased()) {
      own.ifPresent(
          daemon -> {
            daemon.keepRoot();
            context.complain(
                "the pod is still there; serve it again, and remove it, with: hull serve --root "
                    + daemon.root());
          });
    }
    return pod.isReleased();
  }

  @Override
  public void close() {
    own.ifPresentOrElse(OwnDaemon::close, cri::close);
  }
}
