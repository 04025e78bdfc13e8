package dev.hull.cli.life;

import dev.hull.cli.config.Facts;
import dev.hull.cli.config.MissingException;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.life.ContainerLife.Role;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.request.ContainerRequests;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.Image;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.StartContainerRequest;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Starts containers of one pod: image, config, create, start; each failure by its own name. */
final class ContainerStart {
  private final Pod pod;
  private final Surroundings around;
  private final PodImages images;
  private final ContainerRequests requests;

  ContainerStart(Pod pod, Surroundings around, PodImages images, ContainerRequests requests) {
    this.pod = pod;
    this.around = around;
    this.images = images;
    this.requests = requests;
  }

  /** It could not be started, in Kubernetes' word. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    FailedException(String reason, String message) {
      super(message);
      this.reason = reason;
    }

    FailedException(String reason, String message, Throwable cause) {
      super(message, cause);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  /**
   * Creates it and starts it. After a failed start it is created, and {@code life} knows.
   *
   * @param targetId of an ephemeral container
   */
  void run(
      ContainerLife life,
      String sandboxId,
      PodSandboxConfig sandbox,
      Facts facts,
      Optional<String> targetId,
      StopRequest stop)
      throws FailedException, StopException, InterruptedException {
    Container container = life.container();
    String image = image(life, stop);
    ContainerConfig config;
    try {
      config =
          requests.of(container, life.nextAttempt(), facts, image, images.references(), targetId);
      checkUser(container, image);
    } catch (MissingException | IOException e) {
      throw new FailedException("CreateContainerConfigError", String.valueOf(e.getMessage()), e);
    }
    CreateContainerRequest create =
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandboxId)
            .setConfig(config)
            .setSandboxConfig(sandbox)
            .build();
    String id;
    try {
      id =
          around
              .timeline()
              .measure(
                  "container " + container.name() + " created",
                  () ->
                      around
                          .cri()
                          .runtime(Cri.SLOW, stub -> stub.createContainer(create))
                          .getContainerId());
    } catch (CriException e) {
      throw new FailedException("CreateContainerError", String.valueOf(e.getMessage()), e);
    }
    forgetOldest(life);
    life.created(id, image);
    StartContainerRequest start = StartContainerRequest.newBuilder().setContainerId(id).build();
    try {
      var _ =
          around
              .timeline()
              .measure(
                  "container " + container.name() + " started",
                  () -> around.cri().runtime(Cri.SLOW, stub -> stub.startContainer(start)));
    } catch (CriException e) {
      throw new FailedException("RunContainerError", String.valueOf(e.getMessage()), e);
    }
  }

  /** An image was fetched before the machine; by its policy it may have to be fetched again. */
  private String image(ContainerLife life, StopRequest stop)
      throws FailedException, StopException, InterruptedException {
    Container container = life.container();
    boolean again = life.nextAttempt() > 0 && container.pullPolicy() == Container.PullPolicy.ALWAYS;
    try {
      if (life.role() == Role.EPHEMERAL) {
        return images.fetched(container);
      }
      return again
          ? images.again(container.image(), container.pullPolicy(), stop)
          : images.ensure(container.image(), container.pullPolicy(), stop);
    } catch (PodException e) {
      throw new FailedException("ErrImagePull", String.valueOf(e.getMessage()), e);
    }
  }

  /** Of the starts before, only the last is kept: its end is still asked for. */
  private void forgetOldest(ContainerLife life) {
    life.previousId()
        .ifPresent(
            old -> {
              try {
                RemoveContainerRequest request =
                    RemoveContainerRequest.newBuilder().setContainerId(old).build();
                var _ = around.cri().runtime(Cri.SLOW, stub -> stub.removeContainer(request));
              } catch (CriException e) {
                if (e.code() != Status.Code.NOT_FOUND) {
                  around
                      .complaints()
                      .accept("cannot remove an earlier " + life.name() + ": " + e.getMessage());
                }
              }
            });
    life.forgetPrevious();
  }

  /** Kubernetes' runAsNonRoot: by the manifest's user, or else by the image's. */
  private void checkUser(Container container, String imageRef) throws MissingException {
    boolean demanded =
        container.security().runAsNonRoot().or(pod.security()::runAsNonRoot).orElse(false);
    if (!demanded) {
      return;
    }
    Optional<Long> user = container.security().user().user().or(pod.security().user()::user);
    if (user.isPresent()) {
      if (user.get() == 0) {
        throw new MissingException("container's runAsUser breaks non-root policy");
      }
      return;
    }
    ImageStatusRequest request =
        ImageStatusRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(imageRef)).build();
    Image image = around.cri().images(Cri.QUICK, stub -> stub.imageStatus(request)).getImage();
    if (!image.getUsername().isEmpty()) {
      throw new MissingException(
          "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root"
              .formatted(image.getUsername()));
    }
    if (!image.hasUid() || image.getUid().getValue() == 0) {
      throw new MissingException("container has runAsNonRoot and image will run as root");
    }
  }

  /** So long nobody waits for a postStart hook: it has no deadline of its own. */
  static final Duration LONGEST_HOOK = Duration.ofHours(1);
}
