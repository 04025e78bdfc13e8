package dev.hull.tests.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * An image to be pulled, as an OCI layout: layers of many files, half of each noise and half of it
 * text that packs well, as programs and what they read do. The same every time.
 */
final class LayeredImage {
  private static final int FILES_A_FOLDER = 64;
  private static final int FILE_BYTES = 64 * 1024;
  private static final String OCI = "application/vnd.oci.image.";
  private static final String DIGEST = "digest";
  private static final String SIZE = "size";
  private static final String MEDIA_TYPE = "mediaType";

  private final Path layout;
  private final Path blobs;

  private LayeredImage(Path layout) throws IOException {
    this.layout = layout;
    this.blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
  }

  /**
   * Writes one.
   *
   * @param layout an empty folder, or none yet
   * @param name what it is called in the layout
   */
  static void write(Path layout, String name, int layers, int mibALayer) throws IOException {
    new LayeredImage(layout).write(name, layers, mibALayer);
  }

  private void write(String name, int layers, int mibALayer) throws IOException {
    JsonArray descriptors = new JsonArray();
    JsonArray diffIds = new JsonArray();
    for (int layer = 0; layer < layers; layer++) {
      Path file = blobs.resolve("layer");
      MessageDigest plain = sha256();
      MessageDigest packed = sha256();
      try (OutputStream out =
          new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), packed)) {
        writeTar(
            new DigestOutputStream(new GZIPOutputStream(out, 1 << 16), plain), layer, mibALayer);
      }
      diffIds.add("sha256:" + hex(plain));
      String hex = hex(packed);
      descriptors.add(descriptor(OCI + "layer.v1.tar+gzip", "sha256:" + hex, Files.size(file)));
      Files.move(file, blobs.resolve(hex));
    }
    JsonObject root = new JsonObject();
    root.addProperty("type", "layers");
    root.add("diff_ids", diffIds);
    JsonObject config = new JsonObject();
    config.addProperty("architecture", "amd64");
    config.addProperty("os", "linux");
    config.add("config", new JsonObject());
    config.add("rootfs", root);
    JsonObject manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.addProperty(MEDIA_TYPE, OCI + "manifest.v1+json");
    manifest.add("config", blob(OCI + "config.v1+json", config));
    manifest.add("layers", descriptors);
    JsonObject named = blob(OCI + "manifest.v1+json", manifest);
    JsonObject annotations = new JsonObject();
    annotations.addProperty("org.opencontainers.image.ref.name", name);
    named.add("annotations", annotations);
    JsonArray manifests = new JsonArray();
    manifests.add(named);
    JsonObject index = new JsonObject();
    index.addProperty("schemaVersion", 2);
    index.add("manifests", manifests);
    Files.writeString(layout.resolve("index.json"), index.toString());
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  private static void writeTar(OutputStream out, int layer, int mib) throws IOException {
    Random random = new Random(layer);
    byte[] content = new byte[FILE_BYTES];
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8")) {
      for (int file = 0; file < (mib << 20) / FILE_BYTES; file++) {
        String folder = "layer-%d/%03d/".formatted(layer, file / FILES_A_FOLDER);
        if (file % FILES_A_FOLDER == 0) {
          tar.putArchiveEntry(new TarArchiveEntry(folder));
          tar.closeArchiveEntry();
        }
        random.nextBytes(content);
        Arrays.fill(content, FILE_BYTES / 2, FILE_BYTES, (byte) ('a' + file % 26));
        TarArchiveEntry entry = new TarArchiveEntry(folder + file);
        entry.setSize(FILE_BYTES);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
  }

  private JsonObject blob(String type, JsonObject content) throws IOException {
    byte[] bytes = content.toString().getBytes(StandardCharsets.UTF_8);
    MessageDigest digest = sha256();
    digest.update(bytes);
    String hex = hex(digest);
    Files.write(blobs.resolve(hex), bytes);
    return descriptor(type, "sha256:" + hex, bytes.length);
  }

  private static JsonObject descriptor(String type, String digest, long size) {
    JsonObject descriptor = new JsonObject();
    descriptor.addProperty(MEDIA_TYPE, type);
    descriptor.addProperty(DIGEST, digest);
    descriptor.addProperty(SIZE, size);
    return descriptor;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Once: a digest begins anew when it has been told. */
  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
