package dev.hull.images.fake;

import com.github.luben.zstd.Zstd;
import dev.hull.images.Digest;
import dev.hull.images.content.Document;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A small real image: tars, compressed; config; manifest. */
public final class SampleImage {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /** How a layer travels. */
  public enum Form {
    PLAIN("application/vnd.oci.image.layer.v1.tar"),
    GZIP("application/vnd.oci.image.layer.v1.tar+gzip"),
    GZIP_MEMBERS("application/vnd.docker.image.rootfs.diff.tar.gzip"),
    ZSTD("application/vnd.oci.image.layer.v1.tar+zstd");

    final String mediaType;

    Form(String mediaType) {
      this.mediaType = mediaType;
    }
  }

  /** Bytes with their name and their kind. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Blob(byte[] bytes, String mediaType) {
    public Digest digest() {
      return new Document(bytes, "").digest();
    }

    public String descriptor() {
      return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
          .formatted(mediaType, digest(), bytes.length);
    }
  }

  private final List<byte[]> tars;
  private final List<Blob> layers;
  private final Blob config;
  private final Blob manifest;

  private SampleImage(List<byte[]> tars, List<Blob> layers, Blob config, String manifestType) {
    this.tars = tars;
    this.layers = layers;
    this.config = config;
    this.manifest = new Blob(utf8(manifest(manifestType, config, layers)), manifestType);
  }

  public static SampleImage of(Form form, byte[]... tars) {
    return of("linux", "amd64", form, tars);
  }

  public static SampleImage of(String os, String architecture, Form form, byte[]... tars) {
    List<Blob> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      layers.add(new Blob(compress(form, tar), form.mediaType));
    }
    return of(os, architecture, List.of(tars), layers);
  }

  /** Layers that need not be what the config's diff ids, of the tars, say. */
  public static SampleImage of(
      String os, String architecture, List<byte[]> tars, List<Blob> layers) {
    String diffIds =
        tars.stream()
            .map(tar -> "\"" + new Document(tar, "").digest() + "\"")
            .collect(Collectors.joining(","));
    String config =
        """
        {"os":"%s","architecture":"%s","rootfs":{"type":"layers","diff_ids":[%s]},
         "config":{"User":"1000:1000","Env":["PATH=/bin","A=b"],"Entrypoint":["/bin/a"],
          "Cmd":["b","c"],"WorkingDir":"/w","StopSignal":"SIGQUIT","Volumes":{"/v":{}},
          "ExposedPorts":{"80/tcp":{}},"Labels":{"k":"v"}},"history":null}
        """
            .formatted(os, architecture, diffIds);
    return new SampleImage(
        tars,
        layers,
        new Blob(utf8(config), "application/vnd.oci.image.config.v1+json"),
        OCI_MANIFEST);
  }

  private static String manifest(String type, Blob config, List<Blob> layers) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(
            type,
            config.descriptor(),
            layers.stream().map(Blob::descriptor).collect(Collectors.joining(",")));
  }

  public SampleImage asDocker() {
    return new SampleImage(
        tars,
        layers,
        new Blob(config.bytes(), "application/vnd.docker.container.image.v1+json"),
        DOCKER_MANIFEST);
  }

  /** An index of images, each with a platform. */
  public static Blob index(String type, SampleImage image, String... platforms) {
    String entries =
        List.of(platforms).stream()
            .map(
                platform -> {
                  String[] parts = platform.split("/", -1);
                  return image.manifest.descriptor().replaceAll("}$", "")
                      + ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\"}}"
                          .formatted(parts[0], parts[1], parts.length > 2 ? parts[2] : "");
                })
            .collect(Collectors.joining(","));
    return new Blob(
        utf8(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(type, entries)),
        type);
  }

  /** A tar with one file. */
  public static byte[] tar(String name, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setSize(content.length);
      entry.setModTime(0);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A tar that does not compress. */
  public static byte[] noise(long seed, int bytes) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return tar("noise-" + seed, content);
  }

  public static byte[] compress(Form form, byte[] tar) {
    return switch (form) {
      case PLAIN -> tar;
      case GZIP -> gzip(tar, 0, tar.length);
      case GZIP_MEMBERS -> {
        int half = tar.length / 2;
        byte[] first = gzip(tar, 0, half);
        byte[] second = gzip(tar, half, tar.length - half);
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        yield both;
      }
      case ZSTD -> Zstd.compress(tar);
    };
  }

  private static byte[] gzip(byte[] bytes, int offset, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public List<byte[]> tars() {
    return tars;
  }

  public List<Blob> layers() {
    return layers;
  }

  public Blob config() {
    return config;
  }

  public Blob manifest() {
    return manifest;
  }

  public Digest id() {
    return config.digest();
  }

  /** Writes an OCI layout whose index lists the given descriptors. */
  public void writeLayout(Path folder, String... descriptors) throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    List<Blob> all = new ArrayList<>(layers);
    all.add(config);
    all.add(manifest);
    for (Blob blob : all) {
      Files.write(blobs.resolve(blob.digest().hex()), blob.bytes());
    }
    Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        folder.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", descriptors) + "]}");
  }

  /** The manifest's descriptor with {@code org.opencontainers.image.ref.name}. */
  public String named(String refName) {
    return manifest.descriptor().replaceAll("}$", "")
        + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}}".formatted(refName);
  }
}
