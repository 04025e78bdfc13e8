package dev.hull.images.layer;

import java.nio.charset.StandardCharsets;

/** Names from a layer, made fit for messages and logs. */
final class Shown {
  private static final int MAX = 160;

  private Shown() {}

  /** In quotes, shortened, without control characters. */
  static String name(String byteString) {
    boolean cut = byteString.length() > MAX;
    byte[] bytes =
        byteString
            .substring(0, Math.min(MAX, byteString.length()))
            .getBytes(StandardCharsets.ISO_8859_1);
    StringBuilder shown = new StringBuilder("\"");
    new String(bytes, StandardCharsets.UTF_8)
        .codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(shown::appendCodePoint);
    return shown.append(cut ? "…\"" : "\"").toString();
  }
}
