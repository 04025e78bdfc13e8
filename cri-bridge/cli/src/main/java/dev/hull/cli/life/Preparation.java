package dev.hull.cli.life;

import dev.hull.cli.config.MissingException;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.volume.PodVolumes;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a pod has before its first container: images, folder and volumes, machine, in this order, so
 * that a wrong name starts no machine. What is not to be had is an event, and is tried again if the
 * surroundings are patient; else it ends the pod.
 */
final class Preparation {
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Pod pod;
  private final Surroundings around;
  private final PodFolder folder;
  private final PodImages images;
  private final PodVolumes volumes;
  private final PodMachine machine;
  private final PodEvents events;
  private final Backoff imageBackoff = new Backoff();
  private long imagesFailedAt;

  Preparation(
      Pod pod,
      Surroundings around,
      PodFolder folder,
      PodImages images,
      PodVolumes volumes,
      PodMachine machine,
      PodEvents events) {
    this.pod = pod;
    this.around = around;
    this.folder = folder;
    this.images = images;
    this.volumes = volumes;
    this.machine = machine;
    this.events = events;
  }

  /**
   * Makes all of it. Blocks while images are pulled and the machine starts.
   *
   * @param first waits for its image, if one is not to be had
   * @return when to try again; empty if all is there
   */
  Optional<Duration> make(ContainerLife first, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    Duration left = imageBackoff.remaining(imagesFailedAt, around.time().millis());
    if (!left.isZero()) {
      return Optional.of(left.compareTo(AGAIN) < 0 ? left : AGAIN);
    }
    try {
      images.ensureAll(stop);
    } catch (PodException e) {
      imagesFailedAt = around.time().millis();
      imageBackoff.tried(imagesFailedAt, imagesFailedAt);
      first.wait("ImagePullBackOff", String.valueOf(e.getMessage()));
      return later("Failed", e, e);
    }
    try {
      folder.make();
      volumes.prepare(around.clock().instant());
    } catch (MissingException | IOException e) {
      return later(
          "FailedMount",
          e,
          new PodException("cannot prepare the pod " + pod.name() + ": " + e.getMessage(), e));
    }
    stop.check();
    try {
      machine.start();
    } catch (CriException e) {
      return later("FailedCreatePodSandBox", e, e);
    }
    return Optional.empty();
  }

  private <E extends Exception> Optional<Duration> later(String reason, Exception why, E end)
      throws E {
    if (!around.patient()) {
      throw end;
    }
    events.warning(reason, String.valueOf(why.getMessage()));
    return Optional.of(AGAIN);
  }
}
