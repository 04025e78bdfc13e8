package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.reference.ImageReference;
import java.util.List;
import java.util.Optional;

/** What remains when a name, or an image, is removed. */
final class Removal {
  private Removal() {}

  /**
   * The same catalog if it is not in there.
   *
   * @throws ImageException IN_USE if somebody has pinned what would go
   */
  static Catalog of(Catalog catalog, String referenceOrId) {
    Optional<Lookup.Found> found = Lookup.in(catalog, referenceOrId);
    if (found.isEmpty()) {
      return catalog;
    }
    Digest id = found.get().id();
    List<String> gone =
        found.get().name().map(name -> goneWith(catalog, id, name)).orElse(catalog.namesOf(id));
    if (gone.size() < catalog.namesOf(id).size()) {
      return catalog.withoutNames(gone);
    }
    List<String> owners = catalog.ownersOf(id);
    if (!owners.isEmpty()) {
      throw new ImageException(
          Kind.IN_USE,
          "cannot remove image "
              + referenceOrId
              + " ("
              + id
              + "): "
              + String.join(", ", owners)
              + (owners.size() == 1 ? " uses it" : " use it")
              + "; remove what uses it first");
    }
    return catalog.withoutImage(id);
  }

  /**
   * With a repository's last tag go its digests: nobody wrote those, and the image would stay
   * although its user has removed it.
   */
  private static List<String> goneWith(Catalog catalog, Digest id, ImageReference name) {
    List<String> same =
        catalog.namesOf(id).stream()
            .filter(other -> ImageReference.parse(other).name().equals(name.name()))
            .toList();
    boolean lastTag =
        name.tag().isPresent()
            && same.stream().filter(other -> other.indexOf('@') < 0).count() == 1;
    return lastTag ? same : List.of(name.toString());
  }
}
