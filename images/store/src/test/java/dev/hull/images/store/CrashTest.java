package dev.hull.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import dev.hull.images.content.Document;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a store is after its process was killed, or its files were damaged. */
@Timeout(60)
class CrashTest {
  private final FakeRegistry registry = new FakeRegistry();
  private final SampleImage image =
      SampleImage.of(Form.GZIP, SampleImage.noise(1, 50_000), SampleImage.noise(2, 900_000));
  private final String name = registry.host() + "/team/app:1";
  private final CountDownLatch end = new CountDownLatch(1);

  @TempDir private Path folder;

  @AfterEach
  void close() {
    end.countDown();
    registry.close();
  }

  private Image pull() {
    try (ImageStore store = StoreFixture.open(folder)) {
      return store.pull(name, Credentials.NONE, Progress.SILENT);
    }
  }

  private static Digest diffId(SampleImage image, int layer) {
    return new Document(image.tars().get(layer), "").digest();
  }

  @Test
  void aPullThatIsKilledLeavesNothingHalfMadeAndTheNextGoesOnFromWholeLayers() throws Exception {
    registry.push("team/app", "1", image);
    SampleImage.Blob second = image.layers().get(1);
    registry.fail(
        exchange -> {
          if (!exchange.getRequestURI().getPath().endsWith(second.digest().value())) {
            return false;
          }
          exchange.sendResponseHeaders(200, second.bytes().length);
          exchange.getResponseBody().write(second.bytes(), 0, 600_000);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return true;
        });
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                KilledPull.class.getName(),
                folder.toString(),
                name)
            .inheritIO()
            .start();
    Path firstLayer = folder.resolve("layers/" + diffId(image, 0).hex() + ".erofs");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(firstLayer) && halfMadeBytes() > 100_000);
    assertThatThrownBy(() -> StoreFixture.open(folder))
        .hasMessageContaining("is open in process " + child.pid() + "; stop that one");
    child.destroyForcibly().waitFor();
    registry.heal();

    try (ImageStore store = StoreFixture.open(folder)) {
      assertThat(store.list()).isEmpty();
      assertThat(store.find(name)).isEmpty();
      assertThat(StoreFixture.files(folder.resolve("temporary"))).isEmpty();
      assertThat(StoreFixture.files(folder.resolve("layers")))
          .containsExactly(firstLayer.getFileName().toString());
      Image pulled = store.pull(name, Credentials.NONE, Progress.SILENT);
      assertThat(Files.readAllBytes(pulled.layers().get(1).erofs())).isEqualTo(image.tars().get(1));
    }
    assertThat(registry.gets(image.layers().getFirst().digest().value())).isEqualTo(1);
  }

  private long halfMadeBytes() throws IOException {
    Path temporary = folder.resolve("temporary");
    long bytes = 0;
    for (String file : StoreFixture.files(temporary)) {
      try {
        bytes += Files.size(temporary.resolve(file));
      } catch (java.nio.file.NoSuchFileException e) {
        // It has become a layer.
      }
    }
    return bytes;
  }

  @Test
  void whatWasPulledIsThereAfterAReopening() {
    registry.push("team/app", "1", image);
    Image pulled = pull();
    try (ImageStore store = StoreFixture.open(folder)) {
      assertThat(store.list()).containsExactly(pulled);
    }
  }

  @Test
  void aSecondStoreOfTheFolderIsRefusedInThisProcess() {
    try (ImageStore store = StoreFixture.open(folder)) {
      assertThatThrownBy(() -> StoreFixture.open(folder))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IN_USE))
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      assertThat(store.list()).isEmpty();
    }
    StoreFixture.open(folder).close();
  }

  @Test
  void anImageWhoseLayerIsCutShortMustBePulledAgain() throws IOException {
    registry.push("team/app", "1", image);
    Image pulled = pull();
    Path layer = pulled.layers().get(1).erofs();
    try (var channel = java.nio.channels.FileChannel.open(layer, StandardOpenOption.WRITE)) {
      channel.truncate(1000);
    }
    try (ImageStore store = StoreFixture.open(folder)) {
      assertThat(store.list()).isEmpty();
      assertThat(store.pull(name, Credentials.NONE, Progress.SILENT)).isEqualTo(pulled);
    }
    assertThat(Files.readAllBytes(layer)).isEqualTo(image.tars().get(1));
  }

  @Test
  void anImageWhoseConfigIsGoneMustBePulledAgain() throws IOException {
    registry.push("team/app", "1", image);
    Image pulled = pull();
    Files.delete(folder.resolve("documents").resolve(pulled.id().hex()));
    assertThat(pull()).isEqualTo(pulled);
  }

  @Test
  void aCatalogThatCannotBeReadIsNotThrownAway() throws IOException {
    registry.push("team/app", "1", image);
    pull();
    for (String content : List.of("{\"version\":1,\"ima", "{\"version\":2}")) {
      Files.writeString(folder.resolve("catalog.json"), content);
      assertThatThrownBy(() -> StoreFixture.open(folder))
          .hasMessageContaining("cannot read " + folder.resolve("catalog.json"))
          .hasMessageContaining("move the file away");
      assertThat(folder.resolve("catalog.json")).hasContent(content);
    }
  }

  @Test
  void layersOfABrokenOffPullWaitForADay() throws IOException {
    registry.push("team/app", "1", image);
    registry.failTimes(100, image.layers().get(1).digest().value(), 503);
    assertThatThrownBy(this::pull).hasMessageContaining("503");
    Path layers = folder.resolve("layers");
    assertThat(StoreFixture.files(layers)).hasSize(1);
    openAt(Instant.now());
    assertThat(StoreFixture.files(layers)).hasSize(1);
    openAt(Instant.now().plus(Duration.ofHours(25)));
    assertThat(StoreFixture.files(layers)).isEmpty();
  }

  private void openAt(Instant time) {
    new ImageStore(folder, StoreFixture.CONFIG, Limits.DEFAULT, () -> time, StoreFixture.COPY)
        .close();
  }
}
