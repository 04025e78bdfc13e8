package dev.hull.guestimage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The digest of everything that an image is made of. */
final class Version {
  /** Enough to never meet by chance, short enough for a folder's name. */
  private static final int DIGITS = 32;

  private final MessageDigest digest;

  Version() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  Version text(String name, String value) {
    String line = name + "\0" + value.length() + "\0" + value + "\0";
    digest.update(line.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  Version file(String name, Path file) throws IOException {
    text(name, Long.toString(Files.size(file)));
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      int count = in.read(buffer);
      while (count > 0) {
        digest.update(buffer, 0, count);
        count = in.read(buffer);
      }
    }
    return this;
  }

  /** A file, or all files below a folder. */
  Version tree(String name, Path root) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      file(name + "/" + root.relativize(file), file);
    }
    return this;
  }

  String value() {
    return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
  }
}
