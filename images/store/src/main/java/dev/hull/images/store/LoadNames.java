package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.ManifestReader;
import dev.hull.images.content.Platform;
import dev.hull.images.reference.ImageReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the images of a layout are called: by whoever loads them, or by their annotations. */
final class LoadNames {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  /** Written by containerd and BuildKit: the whole name, where REF_NAME is the tag alone. */
  private static final String FULL_NAME = "io.containerd.image.name";

  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  private static final int MOST_NAMES_SAID = 20;

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
      named.add(new Named(entry, ImageReference.parse(name(entry, given, ours))));
    }
    checkDistinct(named);
    return named;
  }

  private static Optional<Descriptor> called(List<Descriptor> entries, String name) {
    Map<Digest, Descriptor> called = new LinkedHashMap<>();
    for (Descriptor entry : entries) {
      if (isName(name, entry.annotations().get(FULL_NAME))
          || isName(name, entry.annotations().get(REF_NAME))) {
        called.putIfAbsent(entry.digest(), entry);
      }
    }
    if (called.size() > 1) {
      throw sameName(name, called.keySet());
    }
    return called.values().stream().findFirst();
  }

  /** Also if one is written out and the other is not: web and docker.io/library/web:latest. */
  private static boolean isName(String wanted, @Nullable String annotation) {
    if (annotation == null || annotation.isEmpty()) {
      return false;
    }
    try {
      return wanted.equals(annotation)
          || ImageReference.parse(wanted).equals(ImageReference.parse(annotation));
    } catch (ImageException e) {
      return false;
    }
  }

  private static ImageException sameName(String name, Collection<Digest> digests) {
    return new ImageException(
        Kind.INVALID,
        "several of its images are called "
            + name
            + ": "
            + digests.stream().map(Digest::value).collect(Collectors.joining(", "))
            + "; give each a name of its own in its index.json");
  }

  private static void checkDistinct(List<Named> named) {
    Map<ImageReference, Digest> seen = new HashMap<>();
    for (Named entry : named) {
      Digest digest = entry.descriptor().digest();
      Digest other = seen.putIfAbsent(entry.name(), digest);
      if (other != null && !other.equals(digest)) {
        throw sameName(entry.name().toString(), List.of(other, digest));
      }
    }
  }

  private static String names(List<Descriptor> entries) {
    String names =
        entries.stream()
            .map(
                entry ->
                    entry
                        .annotations()
                        .getOrDefault(FULL_NAME, entry.annotations().getOrDefault(REF_NAME, "")))
            .filter(name -> !name.isEmpty())
            .distinct()
            .sorted()
            .limit(MOST_NAMES_SAID)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none has a name" : "there are " + names;
  }

  private static String name(Descriptor entry, Optional<String> given, List<Descriptor> all) {
    boolean only = all.size() == 1;
    String annotated = entry.annotations().getOrDefault(REF_NAME, "");
    if (given.isPresent()) {
      String name = given.get();
      boolean complete = name.indexOf('@') >= 0 || name.lastIndexOf(':') > name.lastIndexOf('/');
      if (only || (!complete && TAG.matcher(annotated).matches())) {
        return !complete && TAG.matcher(annotated).matches() ? name + ":" + annotated : name;
      }
      throw new ImageException(
          Kind.INVALID,
          "it holds several images, and none is called "
              + name
              + " ("
              + names(all)
              + "); give the name of one, none for all, or a repository whose tags they are to be");
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
