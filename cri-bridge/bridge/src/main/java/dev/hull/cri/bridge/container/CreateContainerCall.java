package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.log.LogPath;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.ContainerFacts;
import dev.hull.cri.bridge.store.ContainerFolders;
import dev.hull.cri.bridge.store.Names;
import dev.hull.cri.bridge.store.Notes;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.CreateContainerResponse;
import dev.hull.cri.v1.Mount;
import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.Images;
import dev.hull.vm.GuestContainer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/**
 * Prepares a container in a sandbox's machine. The image must be here; it stays while the container
 * does. The sandbox's config is the one it was started with; the copy in the request is not looked
 * at, as CRI says it is the same.
 */
public final class CreateContainerCall
    implements Call<CreateContainerRequest, CreateContainerResponse> {
  private final Pods pods;
  private final Images images;
  private final ContainerFolders folders;
  private final ContainerSpecs specs;
  private final RandomGenerator random;
  private final Clock clock;

  public CreateContainerCall(
      Pods pods,
      Images images,
      ContainerFolders folders,
      ContainerSpecs specs,
      RandomGenerator random,
      Clock clock) {
    this.pods = pods;
    this.images = images;
    this.folders = folders;
    this.specs = specs;
    this.random = random;
    this.clock = clock;
  }

  @Override
  public CreateContainerResponse answer(CreateContainerRequest request) {
    Sandbox sandbox = pods.sandbox(request.getPodSandboxId());
    Lock together = sandbox.membership().readLock();
    together.lock();
    try {
      if (pods.findSandbox(sandbox.id()).isEmpty()) {
        throw Refusal.notFound("the pod sandbox " + sandbox.id() + " has been removed");
      }
      sandbox.demandRunning("create a container in");
      String id = create(sandbox, request.getConfig());
      return CreateContainerResponse.newBuilder().setContainerId(id).build();
    } finally {
      together.unlock();
    }
  }

  private String create(Sandbox sandbox, ContainerConfig config) {
    Instant began = clock.instant();
    ContainerFields.check(config, sandbox.config());
    Optional<LogPath> log = LogPath.of(sandbox.config().getLogDirectory(), config.getLogPath());
    Image image = image(config.getImage().getImage());
    String id = id();
    var pidNamespace =
        PidNamespaces.of(
            config.getLinux().getSecurityContext().getNamespaceOptions(), sandbox, pods);
    var spec = specs.spec(id, config, image, sandbox.machine().spec(), pidNamespace);
    ContainerFacts facts =
        new ContainerFacts(
            resolved(config),
            image.id(),
            image.repoDigests().stream().findFirst().orElse(image.id().value()),
            log,
            Signals.stopSignal(config.getStopSignal(), image.config().stopSignal()),
            ChronoUnit.NANOS.between(Instant.EPOCH, began));
    try (Names.Reservation name = pods.names().reserve(id, sandbox.id(), config.getMetadata());
        ContainerFolders.Claim claim = folders.claim(id, images(facts))) {
      GuestContainer guest = sandbox.machine().createContainer(spec, Notes.container(facts));
      Container container = pods.add(sandbox, facts, guest);
      container.timing(
          new Container.Timing(
              Optional.of(Duration.between(began, clock.instant())), Optional.empty()));
      claim.keep();
      name.keep();
    }
    return id;
  }

  /** With the ids of images that it mounts, whose names may be those of others later. */
  private ContainerConfig resolved(ContainerConfig config) {
    ContainerConfig.Builder resolved = config.toBuilder();
    for (Mount.Builder mount : resolved.getMountsBuilderList()) {
      if (mount.hasImage()) {
        mount.getImageBuilder().setImageRef(image(mount.getImage().getImage()).id().value());
      }
    }
    return resolved.build();
  }

  /** Its own, and those that it mounts. */
  private static Set<Digest> images(ContainerFacts facts) {
    Set<Digest> ids = new HashSet<>();
    ids.add(facts.imageId());
    facts.config().getMountsList().stream()
        .filter(Mount::hasImage)
        .forEach(mount -> ids.add(new Digest(mount.getImage().getImageRef())));
    return ids;
  }

  private Image image(String reference) {
    return images
        .find(reference)
        .orElseThrow(
            () -> Refusal.notFound("the image %s is not here; pull it first".formatted(reference)));
  }

  private String id() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
