package dev.hull.images.store;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.ManifestReader;
import dev.hull.images.content.Platform;
import dev.hull.images.reference.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the images of a layout are called: by whoever loads them, or by their annotations. */
final class LoadNames {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  /** Written by containerd and BuildKit: the whole name, where REF_NAME is the tag alone. */
  private static final String FULL_NAME = "io.containerd.image.name";

  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  private LoadNames() {}

  record Named(Descriptor descriptor, ImageReference name) {}

  /**
   * Names for those that are for our machines.
   *
   * @param given a name that one of them has, which chooses it; or a name for the only image; or a
   *     repository whose tags the annotations are
   */
  static List<Named> of(List<Descriptor> entries, Optional<String> given) {
    List<Descriptor> ours =
        entries.stream().filter(entry -> ManifestReader.fits(entry, Platform.LINUX_AMD64)).toList();
    if (ours.isEmpty()) {
      throw new ImageException(
          Kind.NOT_FOUND,
          entries.isEmpty()
              ? "its index lists no image"
              : "there is none for "
                  + Platform.LINUX_AMD64
                  + ", only for "
                  + ManifestReader.platforms(entries));
    }
    Optional<Descriptor> chosen = given.flatMap(name -> called(ours, name));
    if (chosen.isPresent()) {
      return List.of(new Named(chosen.get(), ImageReference.parse(given.orElseThrow())));
    }
    List<Named> named = new ArrayList<>();
    for (Descriptor entry : ours) {
      named.add(new Named(entry, ImageReference.parse(name(entry, given, ours.size() == 1))));
    }
    return named;
  }

  private static Optional<Descriptor> called(List<Descriptor> entries, String name) {
    return entries.stream()
        .filter(
            entry ->
                name.equals(entry.annotations().get(FULL_NAME))
                    || name.equals(entry.annotations().get(REF_NAME)))
        .findFirst();
  }

  private static String name(Descriptor entry, Optional<String> given, boolean only) {
    String annotated = entry.annotations().getOrDefault(REF_NAME, "");
    if (given.isPresent()) {
      String name = given.get();
      boolean complete = name.indexOf('@') >= 0 || name.lastIndexOf(':') > name.lastIndexOf('/');
      if (only || (!complete && TAG.matcher(annotated).matches())) {
        return !complete && TAG.matcher(annotated).matches() ? name + ":" + annotated : name;
      }
      throw new ImageException(
          Kind.INVALID,
          "it holds several images, and none has this name; give the name of one, none for all, or"
              + " a repository whose tags they are to be");
    }
    String full = entry.annotations().getOrDefault(FULL_NAME, annotated);
    if (full.isEmpty()) {
      throw new ImageException(
          Kind.INVALID,
          "its image "
              + entry.digest()
              + " has no name (the annotation "
              + REF_NAME
              + "); give it one");
    }
    return full;
  }
}
