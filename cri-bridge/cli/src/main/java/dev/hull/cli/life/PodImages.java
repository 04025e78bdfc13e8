package dev.hull.cli.life;

import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import java.util.HashMap;
import java.util.Map;

/** The images of one pod: those of its containers and those that are volumes. */
final class PodImages {
  private final Pod pod;
  private final Surroundings around;
  private final Map<String, String> references = new HashMap<>();

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
    String reference = around.puller().ensure(image, policy, around.keyring().of(pod, image), stop);
    references.put(image, reference);
    return reference;
  }

  /** What CRI calls them, by their names in the pod. */
  Map<String, String> references() {
    return Map.copyOf(references);
  }
}
