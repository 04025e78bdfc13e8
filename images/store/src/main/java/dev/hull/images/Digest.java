package dev.hull.images;

import java.util.regex.Pattern;

/** {@code sha256:} and 64 lower-case hexadecimal digits, as in the OCI image specification. */
public record Digest(String value) implements Comparable<Digest> {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");

  public Digest {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "not a digest (sha256: and 64 hexadecimal digits): " + value);
    }
  }

  /** The digits alone. */
  public String hex() {
    return value.substring("sha256:".length());
  }

  @Override
  public int compareTo(Digest other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
