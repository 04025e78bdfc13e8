package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.reference.ImageReference;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds what somebody means: an image by its id or the beginning of it, or one name of an image. A
 * name comes before an id's beginning, as with Docker.
 */
final class Lookup {
  private static final Pattern ID = Pattern.compile("(?:sha256:)?([0-9a-f]{2,64})");

  private Lookup() {}

  /**
   * What was found.
   *
   * @param name empty if it was meant by its id
   */
  record Found(Digest id, Optional<ImageReference> name) {}

  /**
   * Looks in the catalog.
   *
   * @throws ImageException INVALID if it is no reference and no id, or several images' ids begin so
   */
  static Optional<Found> in(Catalog catalog, String text) {
    var digits = ID.matcher(text);
    if (digits.matches() && digits.group(1).length() == 64) {
      Digest id = new Digest("sha256:" + digits.group(1));
      return catalog.images().containsKey(id)
          ? Optional.of(new Found(id, Optional.empty()))
          : Optional.empty();
    }
    ImageReference name = ImageReference.parse(text);
    Digest named = catalog.names().get(name.toString());
    if (named != null) {
      return Optional.of(new Found(named, Optional.of(name)));
    }
    if (!digits.matches()) {
      return Optional.empty();
    }
    String prefix = digits.group(1);
    List<Digest> ids =
        catalog.images().keySet().stream().filter(id -> id.hex().startsWith(prefix)).toList();
    if (ids.size() > 1) {
      throw new ImageException(
          Kind.INVALID,
          "the ids of " + ids.size() + " images begin with " + prefix + "; write more of it");
    }
    return ids.stream().findFirst().map(id -> new Found(id, Optional.empty()));
  }
}
