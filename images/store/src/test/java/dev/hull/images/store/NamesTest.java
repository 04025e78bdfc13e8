package dev.hull.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images;
import dev.hull.images.Images.Progress;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding, removing, pinning, measuring. */
class NamesTest {
  private final byte[] shared = SampleImage.noise(1, 1000);
  private final SampleImage first = SampleImage.of(Form.GZIP, shared, SampleImage.noise(2, 1000));
  private final SampleImage second = SampleImage.of(Form.GZIP, shared, SampleImage.noise(3, 1000));

  @TempDir private Path folder;
  @TempDir private Path layouts;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Image load(SampleImage image, String name) throws IOException {
    Path layout = layouts.resolve(image.id().hex());
    image.writeLayout(layout, image.manifest().descriptor());
    return store.load(layout, Optional.of(name), Progress.SILENT).getFirst();
  }

  @Test
  void anImageIsFoundByNameAndById() throws IOException {
    Image image = load(first, "team/app:1");
    load(second, "other");
    assertThat(store.find("team/app:1")).contains(image);
    assertThat(store.find("docker.io/team/app:1")).contains(image);
    assertThat(store.find("team/app@" + first.manifest().digest())).contains(image);
    assertThat(store.find("team/app:9@" + first.manifest().digest())).contains(image);
    assertThat(store.find(image.id().value())).contains(image);
    assertThat(store.find(image.id().hex())).contains(image);
    assertThat(store.find(image.id().hex().substring(0, 12))).contains(image);
    assertThat(store.find("sha256:" + image.id().hex().substring(0, 12))).contains(image);
    assertThat(store.find("team/app")).isEmpty();
    assertThat(store.find("team/app:2")).isEmpty();
    assertThat(store.find("f".repeat(64))).isEmpty();
    assertThatThrownBy(() -> store.find("NO")).hasMessageContaining("is not an image reference");
  }

  @Test
  void aBeginningThatSeveralIdsHaveIsRefused() throws IOException {
    Map<String, Digest> beginnings = new HashMap<>();
    String found = "";
    // Of 257 ids two must begin alike; mostly 20 are enough.
    for (int i = 0; found.isEmpty(); i++) {
      Image image = load(SampleImage.of(Form.PLAIN, SampleImage.noise(100 + i, 10)), "many:" + i);
      String digits = image.id().hex().substring(0, 2);
      found = beginnings.putIfAbsent(digits, image.id()) == null ? "" : digits;
    }
    String ambiguous = found;
    assertThatThrownBy(() -> store.find(ambiguous))
        .hasMessageContaining("images begin with " + ambiguous + "; write more of it");
  }

  @Test
  void withTheLastNameGoTheLayersThatNoOtherImageHas() throws IOException {
    Image one = load(first, "one");
    Image two = load(second, "two");
    store.remove("one");
    assertThat(store.list()).containsExactly(two);
    assertThat(one.layers().get(0).erofs()).as("shared").exists();
    assertThat(one.layers().get(1).erofs()).doesNotExist();
    store.remove("two");
    assertThat(StoreFixture.files(folder.resolve("layers"))).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("documents"))).isEmpty();
  }

  @Test
  void oneNameOfSeveralIsOnlyAName() throws IOException {
    load(first, "app:1");
    load(first, "app:2");
    load(first, "other:1");
    store.remove("app:1");
    assertThat(store.list().getFirst().repoTags())
        .containsExactly("docker.io/library/app:2", "docker.io/library/other:1");
    assertThat(store.list().getFirst().repoDigests()).hasSize(2);
    store.remove("app:2");
    assertThat(store.list().getFirst().repoDigests())
        .containsExactly("docker.io/library/other@" + first.manifest().digest());
    store.remove("app:2");
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void byItsIdAnImageGoesWithAllItsNames() throws IOException {
    load(first, "app:1");
    load(first, "other:1");
    store.remove(first.id().hex().substring(0, 12));
    assertThat(store.list()).isEmpty();
    assertThat(store.find("app:1")).isEmpty();
  }

  @Test
  void removingWhatIsNotHereDoesNothing() throws IOException {
    load(first, "app:1");
    store.remove("app:2");
    store.remove("f".repeat(64));
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void aPinnedImageKeepsItsLastNameAlsoAfterARestart() throws IOException {
    Image image = load(first, "app:1");
    load(first, "app:2");
    store.pin(image.id(), "pod a");
    store.pin(image.id(), "pod a");
    store.pin(image.id(), "pod b");
    store.remove("app:2");
    store.close();
    store = StoreFixture.open(folder);
    for (String name : new String[] {"app:1", image.id().value()}) {
      assertThatThrownBy(() -> store.remove(name))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IN_USE))
          .hasMessageContainingAll("cannot remove image " + name, "pod a, pod b use it");
    }
    store.unpin("pod a");
    assertThatThrownBy(() -> store.remove("app:1")).hasMessageContaining("pod b uses it");
    store.unpin("pod b");
    store.unpin("pod b");
    store.remove("app:1");
    assertThat(store.list()).isEmpty();
  }

  @Test
  void whoListsWhileAnotherRemovesSeesAllOfAnImageOrNothing() throws Exception {
    Path layout = layouts.resolve("one");
    first.writeLayout(layout, first.named("one"));
    try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> changes =
          other.submit(
              () -> {
                for (int i = 0; i < 20; i++) {
                  store.load(layout, Optional.empty(), Progress.SILENT);
                  store.remove("one");
                }
              });
      do {
        assertThat(store.list()).allMatch(image -> image.layers().size() == 2);
        store.find("one");
        store.usage();
      } while (!changes.isDone());
      changes.get();
    }
  }

  @Test
  void whatIsNotHereCannotBePinned() {
    Digest id = first.id();
    assertThatThrownBy(() -> store.pin(id, "pod"))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContainingAll(id.value(), "for pod", "pull it");
  }

  @Test
  void usageIsTheSumOfAllFiles() throws IOException {
    load(first, "app:1");
    long bytes = 0;
    long inodes = 0;
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        inodes++;
        bytes += Files.isRegularFile(path) ? Files.size(path) : 0;
      }
    }
    assertThat(store.usage()).isEqualTo(new Images.Usage(folder, bytes, inodes));
  }

  @Test
  void anImagesSizeIsWhatItTakes() throws IOException {
    Image image = load(first, "app:1");
    long layers =
        Files.size(image.layers().get(0).erofs()) + Files.size(image.layers().get(1).erofs());
    assertThat(image.sizeBytes())
        .isEqualTo(layers + first.config().bytes().length + first.manifest().bytes().length);
  }
}
