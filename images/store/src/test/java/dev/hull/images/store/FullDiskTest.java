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
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full: a small tmpfs, mounted for the test. */
@Timeout(60)
@Tag("machine")
class FullDiskTest {
  private static final int DISK = 4 << 20;

  private final FakeRegistry registry = new FakeRegistry();
  private final String name = registry.host() + "/team/app:1";

  @TempDir private Path parent;
  private Path folder;
  private ImageStore store;

  @BeforeEach
  void mount() throws Exception {
    assertThat(System.getProperty("user.name"))
        .as("the user: only root mounts a small tmpfs; run the tests by ./hull test, as root")
        .isEqualTo("root");
    folder = Files.createDirectory(parent.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=" + DISK, "tmpfs", folder.toString());
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void unmount() throws Exception {
    store.close();
    registry.close();
    run("umount", folder.toString());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(List.of(command).toString()).isZero();
  }

  private Image pull(String reference) {
    return store.pull(reference, Credentials.NONE, Progress.SILENT);
  }

  private void exhausted(String... words) {
    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(
            ImageException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.EXHAUSTED))
        .hasMessageContainingAll("cannot pull " + name, "the disk is full", folder.toString())
        .hasMessageContainingAll(words);
  }

  /** Writes until nothing more goes in. */
  private Path fill() throws IOException {
    Path filler = folder.resolve("filler");
    byte[] chunk = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(chunk);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
    return filler;
  }

  @Test
  void aPullThatCannotFitIsRefusedBeforeItBegins() {
    SampleImage large = SampleImage.of(Form.GZIP, SampleImage.noise(1, 6 << 20));
    registry.push("team/app", "1", large);
    int size = large.layers().getFirst().bytes().length;
    exhausted("bytes free, and the image needs at least " + size);
    assertThat(registry.gets(large.layers().getFirst().digest().value())).isZero();
  }

  @Test
  void aDiskThatFillsUpDuringAPullLeavesTheStoreWhole() throws IOException {
    SampleImage small = SampleImage.of(Form.GZIP, SampleImage.noise(2, 500_000));
    registry.push("team/small", "1", small);
    Image kept = pull(registry.host() + "/team/small:1");
    // Packed it is nothing; unpacked it is more than the disk.
    byte[] tar = SampleImage.tar("same", SampleImage.utf8("twelve bytes".repeat(800_000)));
    SampleImage large = SampleImage.of(Form.ZSTD, SampleImage.noise(3, 1000), tar);
    registry.push("team/app", "1", large);
    exhausted("bytes free, and its layer " + large.layers().get(1).digest() + " needs at least");
    assertThat(store.list()).containsExactly(kept);
    assertThat(StoreFixture.files(folder.resolve("temporary"))).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("layers"))).hasSize(1);
    assertThat(Files.readAllBytes(kept.layers().getFirst().erofs()))
        .isEqualTo(small.tars().getFirst());
    store.close();
    store = StoreFixture.open(folder);
    assertThat(store.list()).containsExactly(kept);
  }

  @Test
  void aFullDiskCanBeEmptiedByRemovingImages() throws IOException {
    SampleImage small = SampleImage.of(Form.GZIP, SampleImage.noise(2, 500_000));
    registry.push("team/app", "1", small);
    Image kept = pull(name);
    store.pin(kept.id(), "pod");
    Path filler = fill();
    store.unpin("pod");
    store.remove(name);
    assertThat(store.list()).isEmpty();
    assertThat(kept.layers().getFirst().erofs()).doesNotExist();
    Files.delete(filler);
    pull(name);
    assertThat(folder.resolve("reserve")).exists();
  }

  @Test
  void aPinThatCannotBeWrittenIsNotThere() throws IOException {
    registry.push("team/app", "1", SampleImage.of(Form.GZIP, SampleImage.noise(2, 1000)));
    Image kept = pull(name);
    Files.delete(folder.resolve("reserve"));
    Path filler = fill();
    assertThatThrownBy(() -> store.pin(kept.id(), "pod"))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED));
    Files.delete(filler);
    store.remove(name);
    assertThat(store.list()).isEmpty();
  }
}
