package dev.hull.cli.pod;

import java.util.List;
import java.util.Optional;

/** Something that the pod's containers can mount. */
public sealed interface Volume {
  String name();

  /** Whether it cannot be written, whatever a mount says. */
  default boolean alwaysReadOnly() {
    return switch (this) {
      case Projected _, OfImage _ -> true;
      case Claim claim -> claim.readOnly();
      case EmptyDir _, HostPath _ -> false;
    };
  }

  /** A new folder that goes with the pod, on disk or in memory, of a mode. */
  record EmptyDir(String name, boolean memory, Optional<Long> sizeLimitBytes, int mode)
      implements Volume {}

  /** A file or folder of the host. */
  record HostPath(String name, String path, Type type) implements Volume {
    /** What must be there before the pod starts. */
    public enum Type {
      UNCHECKED,
      DIRECTORY_OR_CREATE,
      DIRECTORY,
      FILE_OR_CREATE,
      FILE
    }
  }

  /** Files made from other documents and from the pod itself; they follow their sources. */
  record Projected(String name, List<Source> sources, int defaultMode) implements Volume {
    public Projected {
      sources = List.copyOf(sources);
    }
  }

  /** A folder that outlives the pod. */
  record Claim(String name, String claim, boolean readOnly) implements Volume {}

  /** What is in an image, read-only. */
  record OfImage(String name, String reference, Container.PullPolicy pullPolicy)
      implements Volume {}

  /** Of what a projected volume is made. */
  sealed interface Source {
    /** Keys of a ConfigMap; without items all of them. */
    record OfConfigMap(String configMap, List<Item> items, boolean optional) implements Source {
      public OfConfigMap {
        items = List.copyOf(items);
      }
    }

    /** Keys of a Secret; without items all of them. */
    record OfSecret(String secret, List<Item> items, boolean optional) implements Source {
      public OfSecret {
        items = List.copyOf(items);
      }
    }

    /** A field of the pod as a file. */
    record OfField(FieldRef field, String path, Optional<Integer> mode) implements Source {}

    /** An amount of a container as a file. */
    record OfResource(ResourceRef resource, String path, Optional<Integer> mode)
        implements Source {}
  }

  /** A key, and the file that it becomes. */
  record Item(String key, String path, Optional<Integer> mode) {}
}
