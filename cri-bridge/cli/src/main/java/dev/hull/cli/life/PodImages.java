package dev.hull.cli.life;

import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The images of one pod: those of its containers and those that are volumes. */
final class PodImages {
  private final Pod pod;
  private final Surroundings around;
  private final Map<String, String> references = new HashMap<>();

  /** Of ephemeral containers, by their names. */
  private final Map<String, FutureTask<String>> pulls = new HashMap<>();

  PodImages(Pod pod, Surroundings around) {
    this.pod = pod;
    this.around = around;
  }

  /** Makes all of them present. */
  void ensureAll(StopRequest stop) throws PodException, StopException, InterruptedException {
    for (Container container : pod.everyContainer().toList()) {
      var _ = ensure(container.image(), container.pullPolicy(), stop);
    }
    for (Volume volume : pod.volumes()) {
      if (volume instanceof Volume.OfImage image) {
        var _ = ensure(image.reference(), image.pullPolicy(), stop);
      }
    }
  }

  /** What CRI calls it; asked once in a pod's life. */
  String ensure(String image, Container.PullPolicy policy, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    String known = references.get(image);
    return known == null ? again(image, policy, stop) : known;
  }

  /** The same, asking as the policy wants. */
  String again(String image, Container.PullPolicy policy, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    String reference = ask(image, policy, stop);
    references.put(image, reference);
    return reference;
  }

  private String ask(String image, Container.PullPolicy policy, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    return around.puller().ensure(image, policy, around.keyring().of(pod, image), stop);
  }

  /**
   * Fetches the image of an ephemeral container beside everything else. False while that lasts;
   * then {@link #fetched} says what has come of it.
   */
  boolean isFetched(Container container, StopRequest stop) {
    FutureTask<String> pull = pulls.get(container.name());
    if (pull == null) {
      pull = new FutureTask<>(() -> ask(container.image(), container.pullPolicy(), stop));
      pulls.put(container.name(), pull);
      around.tasks().execute(pull);
    }
    return pull.isDone();
  }

  /**
   * What CRI calls an image that {@link #isFetched}; the next look fetches it again.
   *
   * @throws PodException if it was not to be had
   */
  String fetched(Container container) throws PodException, StopException, InterruptedException {
    FutureTask<String> pull = pulls.remove(container.name());
    if (pull == null) {
      throw new IllegalStateException("nobody fetches the image of " + container.name());
    }
    try {
      String reference = pull.get();
      references.put(container.image(), reference);
      return reference;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case PodException failed -> throw failed;
        case StopException stopped -> throw stopped;
        case RuntimeException wrong -> throw wrong;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** What CRI calls them, by their names in the pod. */
  Map<String, String> references() {
    return Map.copyOf(references);
  }
}
