package dev.hull.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way, from a registry to EROFS. */
@Timeout(60)
class TranscodedPullTest {
  private final FakeRegistry registry = new FakeRegistry();
  private final String name = registry.host() + "/team/app:1";

  @TempDir private Path folder;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = new ImageStore(folder, StoreFixture.CONFIG);
  }

  @AfterEach
  void close() {
    store.close();
    registry.close();
  }

  private Image pull() {
    return store.pull(name, Credentials.NONE, Progress.SILENT);
  }

  @Test
  void layersBecomeImagesThatFsckAccepts() throws Exception {
    registry.push(
        "team/app",
        "1",
        SampleImage.of(Form.ZSTD, SampleImage.noise(1, 300_000), SampleImage.noise(2, 3)));
    Path program = Path.of("/usr/bin/fsck.erofs");
    assertThat(program)
        .as("fsck.erofs; ./hull test installs the package erofs-utils")
        .isExecutable();
    for (Image.Layer layer : pull().layers()) {
      Process fsck =
          new ProcessBuilder(program.toString(), layer.erofs().toString())
              .redirectErrorStream(true)
              .start();
      String output =
          new String(fsck.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(fsck.waitFor()).as(output).isZero();
      assertThat(layer.sizeBytes()).isEqualTo(Files.size(layer.erofs())).isPositive();
    }
    assertThat(StoreFixture.files(folder.resolve("temporary"))).isEmpty();
  }

  @Test
  void theSameLayerTwiceIsStoredOnce() {
    byte[] tar = SampleImage.noise(1, 1000);
    registry.push("team/app", "1", SampleImage.of(Form.GZIP, tar, tar));
    assertThat(pull().layers()).hasSize(2);
    assertThat(StoreFixture.files(folder.resolve("layers"))).hasSize(1);
  }

  @Test
  void aPathThatLeavesTheLayerIsRefusedAndNothingIsLeft() {
    refused(SampleImage.tar("../../etc/passwd", new byte[10]));
  }

  @Test
  void aHardLinkToTheOutsideIsRefusedAndNothingIsLeft() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry link = new TarArchiveEntry("innocent", TarArchiveEntry.LF_LINK);
      link.setLinkName("../../etc/shadow");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    refused(bytes.toByteArray());
  }

  @Test
  void aTarThatEndsEarlyIsRefusedAndNothingIsLeft() {
    byte[] whole = SampleImage.noise(4, 100_000);
    refused(java.util.Arrays.copyOf(whole, 50_000));
  }

  private void refused(byte[] tar) {
    SampleImage image = SampleImage.of(Form.GZIP, SampleImage.noise(1, 1000), tar);
    registry.push("team/app", "1", image);
    assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContainingAll(
            "cannot pull " + name, "its layer " + image.layers().get(1).digest() + " is refused");
    assertThat(store.list()).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("layers"))).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("temporary"))).isEmpty();
  }
}
