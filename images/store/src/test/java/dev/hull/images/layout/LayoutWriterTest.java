package dev.hull.images.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.images.Digest;
import dev.hull.images.Image;
import java.io.ByteArrayInputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutWriterTest {
  private static final byte[] TAR = new byte[10_240];
  private static final Image.Config CONFIG =
      new Image.Config(
          "www-data",
          List.of("PATH=/bin"),
          List.of("nginx"),
          List.of("-g", "daemon off;"),
          "/srv",
          Optional.of("SIGQUIT"),
          List.of("/data"),
          List.of("80/tcp"),
          Map.of("b", "2", "a", "1"));

  @TempDir Path scratch;

  @Test
  void everyBlobHasTheDigestThatNamesItAndTheSizeThatIsSaid() throws Exception {
    JsonObject entry = index(write("one")).getAsJsonArray("manifests").get(0).getAsJsonObject();
    assertThat(entry.getAsJsonObject("annotations").get("org.opencontainers.image.ref.name"))
        .hasToString("\"hull.local/x:1\"");
    JsonObject manifest = json(blob(scratch.resolve("one"), entry));
    JsonObject config = json(blob(scratch.resolve("one"), manifest.getAsJsonObject("config")));
    assertThat(config.get("architecture").getAsString()).isEqualTo("amd64");
    assertThat(config.get("os").getAsString()).isEqualTo("linux");
    assertThat(config.get("config"))
        .hasToString(
            """
            {"User":"www-data","ExposedPorts":{"80/tcp":{}},"Env":["PATH=/bin"],\
            "Entrypoint":["nginx"],"Cmd":["-g","daemon off;"],"Volumes":{"/data":{}},\
            "WorkingDir":"/srv","Labels":{"a":"1","b":"2"},"StopSignal":"SIGQUIT"}""");
    assertThat(manifest.getAsJsonArray("layers")).hasSize(3);
    for (int i = 0; i < 3; i++) {
      JsonObject layer = manifest.getAsJsonArray("layers").get(i).getAsJsonObject();
      byte[] tar = uncompressed(layer, blob(scratch.resolve("one"), layer));
      assertThat(tar).isEqualTo(TAR);
      assertThat(config.getAsJsonObject("rootfs").getAsJsonArray("diff_ids").get(i).getAsString())
          .isEqualTo(digest(TAR));
    }
  }

  @Test
  void theSameCallsMakeTheSameBytes() throws Exception {
    assertThat(index(write("one"))).isEqualTo(index(write("two")));
  }

  @Test
  void aLayerOfTwoImagesIsThereOnce() throws Exception {
    LayoutWriter writer = LayoutWriter.create(scratch.resolve("l"), "amd64");
    LayoutWriter.Layer base = writer.layer(out -> out.write(TAR), Compression.GZIP);
    writer.image("hull.local/a:1", List.of(base), CONFIG);
    writer.image("hull.local/b:1", List.of(base, base), CONFIG);
    writer.finish();
    try (var blobs = Files.list(scratch.resolve("l/blobs/sha256"))) {
      assertThat(blobs).hasSize(5); // one layer; two configs; two manifests
    }
  }

  @Test
  void aLayoutIsNotWrittenOverAnother() throws Exception {
    Path folder = write("one");
    assertThatThrownBy(() -> LayoutWriter.create(folder, "amd64"))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("is an image layout already");
  }

  @Test
  void architecturesHaveTheNamesOfGo() {
    assertThat(LayoutWriter.architectureOf("x86_64")).isEqualTo("amd64");
    assertThat(LayoutWriter.architectureOf("aarch64")).isEqualTo("arm64");
    assertThat(LayoutWriter.architectureOf("riscv64")).isEqualTo("riscv64");
  }

  private Path write(String name) throws Exception {
    Path folder = scratch.resolve(name);
    Path tar = Files.write(scratch.resolve("tar"), TAR);
    LayoutWriter writer = LayoutWriter.create(folder, "amd64");
    writer.image(
        "hull.local/x:1",
        List.of(
            writer.layer(TarSource.of(tar), Compression.NONE),
            writer.layer(TarSource.of(tar), Compression.GZIP),
            writer.layer(TarSource.of(tar), Compression.ZSTD)),
        CONFIG);
    writer.finish();
    return folder;
  }

  private static JsonObject index(Path folder) throws Exception {
    assertThat(Files.readString(folder.resolve("oci-layout")))
        .isEqualTo("{\"imageLayoutVersion\":\"1.0.0\"}");
    return json(Files.readAllBytes(folder.resolve("index.json")));
  }

  private static byte[] blob(Path folder, JsonObject descriptor) throws Exception {
    Digest digest = new Digest(descriptor.get("digest").getAsString());
    byte[] bytes = Files.readAllBytes(folder.resolve("blobs/sha256").resolve(digest.hex()));
    assertThat(digest(bytes)).isEqualTo(digest.value());
    assertThat(descriptor.get("size").getAsLong()).isEqualTo(bytes.length);
    return bytes;
  }

  private static byte[] uncompressed(JsonObject descriptor, byte[] blob) throws Exception {
    String type = descriptor.get("mediaType").getAsString();
    ByteArrayInputStream in = new ByteArrayInputStream(blob);
    if (type.endsWith("+gzip")) {
      return new GZIPInputStream(in).readAllBytes();
    }
    return type.endsWith("+zstd") ? new ZstdInputStream(in).readAllBytes() : blob;
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static JsonObject json(byte[] bytes) {
    return JsonParser.parseString(new String(bytes, java.nio.charset.StandardCharsets.UTF_8))
        .getAsJsonObject();
  }
}
