package dev.hull.images.content;

import dev.hull.images.Digest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A manifest or a config as bytes, which are never changed.
 *
 * @param mediaType what its source calls it; empty if it does not say
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by digest, never by equals.
public record Document(byte[] bytes, String mediaType) {
  /** What any manifest or config may have: 4 MiB, as registries have it. */
  public static final int LARGEST = 4 << 20;

  public Digest digest() {
    return new Digest("sha256:" + HexFormat.of().formatHex(sha256().digest(bytes)));
  }

  /** A fresh SHA-256, which every Java has. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
