package dev.hull.images.reference;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A name of an image, complete: {@code nginx} is {@code docker.io/library/nginx:latest}. It has a
 * tag or a digest, never both: a digest says more than a tag, so {@code nginx:1.25@sha256:…} loses
 * its tag, as it does with Docker.
 *
 * @param registry host and perhaps port: {@code docker.io}, {@code localhost:5000}
 * @param repository {@code library/nginx}
 */
public record ImageReference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
  private static final int LONGEST = 512;
  private static final int LONGEST_NAME = 255;
  private static final String HUB = "docker.io";

  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*");
  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
              + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
              + "|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  public ImageReference {
    if (tag.isPresent() == digest.isPresent()) {
      throw new IllegalArgumentException("a reference has a tag or a digest: " + repository);
    }
  }

  /**
   * Reads a reference as a Docker user writes it.
   *
   * @throws ImageException INVALID, with the reason
   */
  public static ImageReference parse(String text) {
    if (text.isEmpty()) {
      throw invalid(text, "it is empty");
    }
    if (text.length() > LONGEST) {
      throw invalid(text.substring(0, 64) + "…", "it is longer than " + LONGEST + " characters");
    }
    if (text.contains("://")) {
      throw invalid(text, "it has a scheme; leave out everything up to ://");
    }
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(digest(text, rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      String written = rest.substring(colon + 1);
      if (!TAG.matcher(written).matches()) {
        throw invalid(
            text,
            "its tag is not 1 to 128 letters, digits, '_', '.' or '-', beginning with neither '.'"
                + " nor '-'");
      }
      tag = Optional.of(written);
      rest = rest.substring(0, colon);
    }
    return named(text, rest, tag, digest);
  }

  private static ImageReference named(
      String text, String name, Optional<String> tag, Optional<Digest> digest) {
    if (ID.matcher(name).matches()) {
      throw invalid(text, "64 hexadecimal digits are an image id, not a name");
    }
    String registry = HUB;
    String repository = name;
    int slash = name.indexOf('/');
    if (slash >= 0 && isRegistry(name.substring(0, slash))) {
      registry = name.substring(0, slash);
      repository = name.substring(slash + 1);
    }
    if (!REGISTRY.matcher(registry).matches()) {
      throw invalid(text, "'" + registry + "' is not a host name with an optional port");
    }
    registry = registry.toLowerCase(Locale.ROOT);
    if (registry.equals("index.docker.io")) {
      registry = HUB;
    }
    checkRepository(text, repository);
    if (registry.equals(HUB) && repository.indexOf('/') < 0) {
      repository = "library/" + repository;
    }
    if (registry.length() + 1 + repository.length() > LONGEST_NAME) {
      throw invalid(text, "its name is longer than " + LONGEST_NAME + " characters");
    }
    if (digest.isPresent()) {
      return new ImageReference(registry, repository, Optional.empty(), digest);
    }
    return new ImageReference(registry, repository, tag.or(() -> Optional.of("latest")), digest);
  }

  /** Docker's rule for what stands before the first slash. */
  private static boolean isRegistry(String first) {
    return first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
  }

  private static void checkRepository(String text, String repository) {
    if (repository.isEmpty()) {
      throw invalid(text, "it names no repository");
    }
    if (!repository.equals(repository.toLowerCase(Locale.ROOT))) {
      throw invalid(text, "its repository has upper-case letters; repositories are lower-case");
    }
    for (String component : repository.split("/", -1)) {
      if (!COMPONENT.matcher(component).matches()) {
        throw invalid(
            text,
            "'"
                + component
                + "' is not lower-case letters and digits, separated by '.', '_', '__' or '-'");
      }
    }
  }

  private static Digest digest(String text, String written) {
    try {
      return new Digest(written);
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          Kind.INVALID,
          message(text, "what follows '@' is not sha256: and 64 hexadecimal digits"),
          e);
    }
  }

  /** The same repository, under another digest. */
  public ImageReference withDigest(Digest other) {
    return new ImageReference(registry, repository, Optional.empty(), Optional.of(other));
  }

  /** Registry and repository: {@code docker.io/library/nginx}. */
  public String name() {
    return registry + "/" + repository;
  }

  /** What a registry is asked for: the digest, or the tag. */
  public String version() {
    return digest.map(Digest::value).or(() -> tag).orElseThrow();
  }

  /** Complete: {@code docker.io/library/nginx:1.25} or {@code docker.io/library/nginx@sha256:…}. */
  @Override
  public String toString() {
    return name() + digest.map(value -> "@" + value).orElseGet(() -> ":" + tag.orElseThrow());
  }

  private static ImageException invalid(String text, String reason) {
    return new ImageException(Kind.INVALID, message(text, reason));
  }

  private static String message(String text, String reason) {
    return "'"
        + printable(text)
        + "' is not an image reference: "
        + reason
        + "; write it like nginx:1.25 or ghcr.io/owner/name@sha256:…";
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
