package dev.hull.images.layout;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.images.Digest;
import dev.hull.images.Image;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Writes one OCI image layout. Blobs are written as they are added; the layout has its index, and
 * so is one, after {@link #finish}. The same calls make the same bytes.
 *
 * <pre>{@code
 * LayoutWriter layout = LayoutWriter.create(folder, "amd64");
 * Layer base = layout.layer(TarSource.of(tar), Compression.GZIP);
 * layout.image("hull.local/debian:12", List.of(base), config);
 * layout.finish();
 * }</pre>
 *
 * <p>Not for several threads at once.
 */
public final class LayoutWriter {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String NAME = "org.opencontainers.image.ref.name";

  private final Gson gson = new GsonBuilder().disableHtmlEscaping().create();
  private final Path folder;
  private final Path blobs;
  private final String architecture;
  private final JsonArray manifests = new JsonArray();

  /** A blob of the layout that is a layer, which any of its images may have. */
  public record Layer(Digest digest, long size, Digest diffId, Compression compression) {}

  private record Blob(Digest digest, long size) {}

  private LayoutWriter(Path folder, String architecture) {
    this.folder = folder;
    this.blobs = folder.resolve("blobs").resolve("sha256");
    this.architecture = architecture;
  }

  /**
   * Begins a layout.
   *
   * @param folder made if it is missing, with its parents
   * @param architecture in Go's words: {@code amd64}, {@code arm64}
   * @throws FileAlreadyExistsException if the folder has a layout
   */
  public static LayoutWriter create(Path folder, String architecture) throws IOException {
    if (Files.exists(folder.resolve("index.json"))) {
      throw new FileAlreadyExistsException(folder + " is an image layout already");
    }
    LayoutWriter writer = new LayoutWriter(folder, architecture);
    Files.createDirectories(writer.blobs);
    return writer;
  }

  /** The architecture of this machine, in Go's words. */
  public static String architectureOf(String javaOsArch) {
    return switch (javaOsArch.toLowerCase(Locale.ROOT)) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> javaOsArch;
    };
  }

  /** Writes a layer's blob. */
  public Layer layer(TarSource tar, Compression compression) throws IOException {
    Path draft = blobs.resolve("draft");
    try {
      MessageDigest content = sha256();
      MessageDigest blob = sha256();
      try (OutputStream file =
              new DigestOutputStream(
                  new BufferedOutputStream(Files.newOutputStream(draft), 64 * 1024), blob);
          OutputStream compressed = compression.compress(file);
          OutputStream out = new DigestOutputStream(compressed, content)) {
        tar.writeTo(out);
      }
      Digest digest = digest(blob);
      long size = Files.size(draft);
      Files.move(draft, blobs.resolve(digest.hex()), StandardCopyOption.REPLACE_EXISTING);
      return new Layer(digest, size, digest(content), compression);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /**
   * Writes an image's config and manifest and returns the manifest's digest.
   *
   * @param name the value of the annotation {@code org.opencontainers.image.ref.name}
   * @param layers lowest first
   */
  public Digest image(String name, List<Layer> layers, Image.Config config) throws IOException {
    Blob configBlob = write(gson.toJson(config(layers, config)));
    JsonObject manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.addProperty("mediaType", MANIFEST);
    manifest.add("config", descriptor(CONFIG, configBlob.digest, configBlob.size));
    JsonArray descriptors = new JsonArray();
    for (Layer layer : layers) {
      descriptors.add(descriptor(layer.compression.mediaType(), layer.digest, layer.size));
    }
    manifest.add("layers", descriptors);
    Blob manifestBlob = write(gson.toJson(manifest));

    JsonObject entry = descriptor(MANIFEST, manifestBlob.digest, manifestBlob.size);
    entry.add("platform", platform());
    JsonObject annotations = new JsonObject();
    annotations.addProperty(NAME, name);
    entry.add("annotations", annotations);
    manifests.add(entry);
    return manifestBlob.digest;
  }

  /** Writes the index; nothing may be called after it. */
  public void finish() throws IOException {
    JsonObject version = new JsonObject();
    version.addProperty("imageLayoutVersion", "1.0.0");
    Files.writeString(folder.resolve("oci-layout"), gson.toJson(version));
    JsonObject index = new JsonObject();
    index.addProperty("schemaVersion", 2);
    index.addProperty("mediaType", "application/vnd.oci.image.index.v1+json");
    index.add("manifests", manifests);
    Files.writeString(folder.resolve("index.json"), gson.toJson(index));
  }

  private JsonObject config(List<Layer> layers, Image.Config config) {
    JsonObject run = new JsonObject();
    if (!config.user().isEmpty()) {
      run.addProperty("User", config.user());
    }
    addSet(run, "ExposedPorts", config.exposedPorts());
    addList(run, "Env", config.env());
    addList(run, "Entrypoint", config.entrypoint());
    addList(run, "Cmd", config.cmd());
    addSet(run, "Volumes", config.volumes());
    if (!config.workingDir().isEmpty()) {
      run.addProperty("WorkingDir", config.workingDir());
    }
    if (!config.labels().isEmpty()) {
      JsonObject labels = new JsonObject();
      config.labels().keySet().stream()
          .sorted()
          .forEach(key -> labels.addProperty(key, config.labels().get(key)));
      run.add("Labels", labels);
    }
    config.stopSignal().ifPresent(signal -> run.addProperty("StopSignal", signal));

    JsonObject json = platform();
    json.add("config", run);
    JsonObject rootfs = new JsonObject();
    rootfs.addProperty("type", "layers");
    rootfs.add("diff_ids", strings(layers.stream().map(l -> l.diffId.value()).toList()));
    json.add("rootfs", rootfs);
    return json;
  }

  private JsonObject platform() {
    JsonObject platform = new JsonObject();
    platform.addProperty("architecture", architecture);
    platform.addProperty("os", "linux");
    return platform;
  }

  private static void addList(JsonObject json, String key, List<String> values) {
    if (!values.isEmpty()) {
      json.add(key, strings(values));
    }
  }

  /** Sets are objects with empty values, for that is how Go wrote them. */
  private static void addSet(JsonObject json, String key, List<String> values) {
    if (!values.isEmpty()) {
      JsonObject set = new JsonObject();
      values.forEach(value -> set.add(value, new JsonObject()));
      json.add(key, set);
    }
  }

  private static JsonArray strings(Collection<String> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  private static JsonObject descriptor(String mediaType, Digest digest, long size) {
    JsonObject descriptor = new JsonObject();
    descriptor.addProperty("mediaType", mediaType);
    descriptor.addProperty("digest", digest.value());
    descriptor.addProperty("size", size);
    return descriptor;
  }

  private Blob write(String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    MessageDigest digest = sha256();
    digest.update(bytes);
    Blob blob = new Blob(digest(digest), bytes.length);
    Files.write(blobs.resolve(blob.digest.hex()), bytes);
    return blob;
  }

  private static Digest digest(MessageDigest digest) {
    return new Digest("sha256:" + HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
