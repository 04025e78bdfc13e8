package dev.hull.cli.command;

import dev.hull.cli.action.HostNetwork;
import dev.hull.cli.config.Host;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.daemon.OwnDaemon;
import dev.hull.cli.kubelet.HostResolver;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.life.Crew;
import dev.hull.cli.life.LogTails;
import dev.hull.cli.life.Neighbourhood;
import dev.hull.cli.life.PodLife;
import dev.hull.cli.life.Surroundings;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.objects.ManifestObjects;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.registry.CredentialHelper;
import dev.hull.cli.registry.Keyring;
import dev.hull.cli.terminal.ContainerOutput;
import dev.hull.cri.host.HostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

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
  private final Path claims;
  private final Optional<OwnDaemon> own;

  private PodSession(Context context, Cri cri, Path root, Path claims, Optional<OwnDaemon> own) {
    this.context = context;
    this.cri = cri;
    this.root = root;
    this.claims = claims;
    this.own = own;
  }

  /** Over a daemon that is there; {@code root} is where the pods' folders are. */
  static PodSession over(Context context, Cri cri, Path root) {
    return new PodSession(context, cri, root, claims(root), Optional.empty());
  }

  /** With a daemon of its own. Claims outlive it, unless its root is kept: then they are there. */
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
    Path lasting = where instanceof OwnDaemon.Root.Kept ? daemon.root() : context.root();
    return new PodSession(
        context, daemon.cri(), daemon.root(), claims(lasting), Optional.of(daemon));
  }

  /** Where claims are kept below a root. */
  static Path claims(Path root) {
    return root.toAbsolutePath().normalize().resolve("claims");
  }

  Path root() {
    return root;
  }

  Cri cri() {
    return cri;
  }

  /** What pods of a command live in. */
  static Surroundings surroundings(
      Context context,
      Cri cri,
      Path root,
      Path claims,
      Objects objects,
      Timeline timeline,
      boolean patient) {
    return new Surroundings(
        cri,
        context.time(),
        context.clock(),
        task -> Thread.ofVirtual().start(task),
        new HostNetwork(),
        context.mounts(),
        objects,
        context.puller(cri, timeline),
        new Keyring(
            objects,
            Keyring.userConfig(context.environment()),
            CredentialHelper.PROGRAM,
            context::complain),
        timeline,
        root,
        claims,
        HostResolver.read(RESOLVERS),
        Host.facts(""),
        new Neighbourhood(),
        context::complain,
        patient);
  }

  /** The pods of a manifest, not yet begun. */
  Crew crew(Manifest manifest, Timeline timeline) throws PodException {
    Surroundings around =
        surroundings(context, cri, root, claims, new ManifestObjects(manifest), timeline, false);
    List<Pod> pods =
        manifest.documents().stream()
            .filter(Document.OfPod.class::isInstance)
            .map(document -> ((Document.OfPod) document).pod())
            .toList();
    Crew crew = new Crew(context.time(), context::complain);
    ContainerOutput output =
        new ContainerOutput(
            context.terminal(),
            context.style(),
            pods.stream().flatMap(pod -> names(pod, pods.size() > 1)).toList());
    for (Pod pod : pods) {
      LogTails tails = new LogTails(output, prefix(pod, pods.size() > 1));
      String uid = pod.uid().orElseGet(() -> UUID.randomUUID().toString());
      crew.add(new PodLife(pod, uid, around, tails), tails);
    }
    return crew;
  }

  private static Stream<String> names(Pod pod, boolean several) {
    return pod.everyContainer().map(Container::name).map(prefix(pod, several));
  }

  private static UnaryOperator<String> prefix(Pod pod, boolean several) {
    return several ? container -> pod.name() + "/" + container : container -> container;
  }

  /** Stops and removes the pods. False, and the root is kept, if that failed. */
  boolean release(Crew crew) {
    crew.close();
    if (!crew.isReleased()) {
      own.ifPresent(
          daemon -> {
            daemon.keepRoot();
            context.complain(
                "the pod is still there; serve it again, and remove it, with: hull serve --root "
                    + daemon.root());
          });
    }
    return crew.isReleased();
  }

  @Override
  public void close() {
    own.ifPresentOrElse(OwnDaemon::close, cri::close);
  }
}
