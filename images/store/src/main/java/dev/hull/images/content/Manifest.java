package dev.hull.images.content;

import java.util.List;

/** One image, or the images of several platforms. */
public sealed interface Manifest {

  /**
   * One image.
   *
   * @param layers lowest first
   */
  record Single(Descriptor config, List<Descriptor> layers) implements Manifest {
    public Single {
      layers = List.copyOf(layers);
    }
  }

  record Index(List<Descriptor> manifests) implements Manifest {
    public Index {
      manifests = List.copyOf(manifests);
    }
  }
}
