package dev.hull.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Progress;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that were made on this machine. */
class LoadTest {
  private final SampleImage image =
      SampleImage.of(Form.GZIP, SampleImage.noise(1, 10_000), SampleImage.noise(2, 10));

  @TempDir private Path folder;
  @TempDir private Path layout;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private List<Image> load(Path path, String name) {
    return store.load(path, Optional.of(name).filter(given -> !given.isEmpty()), Progress.SILENT);
  }

  private void refused(Path path, String name, Kind kind, String... words) {
    assertThatThrownBy(() -> load(path, name))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .hasMessageStartingWith("cannot load " + path)
        .hasMessageContainingAll(words);
    assertThat(store.list()).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("layers"))).isEmpty();
  }

  private Path tar() throws IOException {
    Path file = layout.resolveSibling(layout.getFileName() + ".tar");
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(file));
        Stream<Path> files = Files.walk(layout)) {
      for (Path path : files.filter(Files::isRegularFile).toList()) {
        tar.putArchiveEntry(new TarArchiveEntry(path, "./" + layout.relativize(path)));
        Files.copy(path, tar);
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  @Test
  void aFolderIsLoadedUnderTheNameInIt() throws IOException {
    image.writeLayout(layout, image.named("demo/web:1"));
    Image loaded = load(layout, "").getFirst();
    assertThat(loaded.id()).isEqualTo(image.id());
    assertThat(loaded.repoTags()).containsExactly("docker.io/demo/web:1");
    assertThat(loaded.repoDigests())
        .containsExactly("docker.io/demo/web@" + image.manifest().digest());
    assertThat(Files.readAllBytes(loaded.layers().getFirst().erofs()))
        .isEqualTo(image.tars().getFirst());
    assertThat(store.find("demo/web:1")).contains(loaded);
  }

  @Test
  void aTarFileIsLoadedToo() throws IOException {
    image.writeLayout(layout, image.named("demo/web:1"));
    Path tar = tar();
    assertThat(load(tar, "")).hasSize(1).first().returns(image.id(), Image::id);
    Files.delete(tar);
  }

  @Test
  void aNameThatIsGivenComesFirst() throws IOException {
    image.writeLayout(layout, image.named("1.2"));
    assertThat(load(layout, "team/app").getFirst().repoTags())
        .containsExactly("docker.io/team/app:1.2");
    assertThat(load(layout, "other:x").getFirst().repoTags())
        .containsExactly("docker.io/library/other:x", "docker.io/team/app:1.2");
  }

  @Test
  void anImageWithoutANameWantsOne() throws IOException {
    image.writeLayout(layout, image.manifest().descriptor());
    refused(layout, "", Kind.INVALID, "has no name", "give it one");
    assertThat(load(layout, "a")).hasSize(1);
  }

  @Test
  void severalImagesAreLoadedInTheirOrder() throws IOException {
    SampleImage second = SampleImage.of(Form.ZSTD, SampleImage.noise(7, 10));
    second.writeLayout(layout);
    image.writeLayout(layout, image.named("b"), second.named("a"));
    assertThat(load(layout, "")).extracting(Image::id).containsExactly(image.id(), second.id());
    assertThat(load(layout, "team/app"))
        .flatExtracting(Image::repoTags)
        .contains("docker.io/team/app:b", "docker.io/team/app:a");
    assertThatThrownBy(() -> load(layout, "team/app:1"))
        .hasMessageContaining("holds several images");
  }

  @Test
  void oneOfSeveralIsChosenByItsName() throws IOException {
    SampleImage second = SampleImage.of(Form.ZSTD, SampleImage.noise(7, 10));
    second.writeLayout(layout);
    image.writeLayout(layout, image.named("demo/web:1"), second.named("demo/db:2"));
    assertThat(load(layout, "docker.io/demo/db:2"))
        .hasSize(1)
        .first()
        .returns(second.id(), Image::id)
        .returns(List.of("docker.io/demo/db:2"), Image::repoTags);
    assertThat(store.find("demo/web:1")).isEmpty();
  }

  @Test
  void aNameThatNoneHasIsAnsweredWithTheNamesThatThereAre() throws IOException {
    SampleImage second = SampleImage.of(Form.ZSTD, SampleImage.noise(7, 10));
    second.writeLayout(layout);
    image.writeLayout(layout, image.named("demo/web:1"), second.named("demo/db:2"));
    refused(
        layout,
        "demo/cache:1",
        Kind.INVALID,
        "none is called demo/cache:1",
        "there are demo/db:2, demo/web:1");
  }

  @Test
  void twoOfOneNameAreRefusedWithTheirDigests() throws IOException {
    SampleImage second = SampleImage.of(Form.ZSTD, SampleImage.noise(7, 10));
    second.writeLayout(layout);
    image.writeLayout(layout, image.named("demo/web:1"), second.named("demo/web:1"));
    for (String name : List.of("", "demo/web:1")) {
      refused(
          layout,
          name,
          Kind.INVALID,
          "several of its images are called",
          "demo/web:1",
          image.manifest().digest().value(),
          second.manifest().digest().value());
    }
  }

  @Test
  void oneThatIsListedTwiceIsOne() throws IOException {
    image.writeLayout(layout, image.named("demo/web:1"), image.named("demo/web:1"));
    assertThat(load(layout, "demo/web:1")).hasSize(1);
  }

  @Test
  void aPlatformIsChosenAlsoFromANestedIndex() throws IOException {
    SampleImage.Blob index =
        SampleImage.index(SampleImage.OCI_INDEX, image, "linux/s390x", "linux/amd64");
    image.writeLayout(layout, index.descriptor());
    Files.write(layout.resolve("blobs/sha256/" + index.digest().hex()), index.bytes());
    assertThat(load(layout, "a").getFirst().repoDigests())
        .containsExactly("docker.io/library/a@" + index.digest());
  }

  @Test
  void aBlobThatWasChangedIsRefused() throws IOException {
    image.writeLayout(layout, image.named("a"));
    SampleImage.Blob second = image.layers().get(1);
    byte[] wrong = second.bytes().clone();
    wrong[wrong.length / 2] ^= 1;
    Files.write(layout.resolve("blobs/sha256/" + second.digest().hex()), wrong);
    refused(layout, "", Kind.CORRUPT, "docker.io/library/a:latest", second.digest().value());
  }

  @Test
  void aBlobThatIsCutShortIsRefused() throws IOException {
    image.writeLayout(layout, image.named("a"));
    SampleImage.Blob first = image.layers().getFirst();
    Files.write(
        layout.resolve("blobs/sha256/" + first.digest().hex()),
        java.util.Arrays.copyOf(first.bytes(), 100));
    refused(layout, "", Kind.CORRUPT, "has 100 bytes where its manifest says");
  }

  @Test
  void aConfigThatWasChangedIsRefused() throws IOException {
    image.writeLayout(layout, image.named("a"));
    Files.writeString(
        layout.resolve("blobs/sha256/" + image.config().digest().hex()),
        " ".repeat(image.config().bytes().length));
    refused(layout, "", Kind.CORRUPT, "its config " + image.config().digest());
  }

  @Test
  void whatIsNoLayoutIsRefused() throws IOException {
    refused(layout.resolve("none"), "", Kind.NOT_FOUND, "there is no such file or folder");
    refused(
        layout,
        "",
        Kind.INVALID,
        "oci-layout is missing; an archive of Docker's own format (docker save before 25, podman"
            + " save) is made one by: skopeo copy docker-archive:FILE oci-archive:NEW");
    Path text = Files.writeString(layout.resolve("x.tar.gz"), "no tar at all".repeat(100));
    refused(text, "", Kind.INVALID, "neither a folder nor a tar file");
    image.writeLayout(layout, image.named("a"));
    Files.delete(layout.resolve("index.json"));
    refused(layout, "", Kind.INVALID, "index.json is missing");
  }

  @Test
  void aLinkOutOfTheLayoutIsNotFollowed() throws IOException {
    image.writeLayout(layout, image.named("a"));
    Path blob = layout.resolve("blobs/sha256/" + image.layers().getFirst().digest().hex());
    Path outside = Files.move(blob, folder.resolveSibling("outside-" + folder.getFileName()));
    Files.createSymbolicLink(blob, outside);
    refused(layout, "", Kind.INVALID, "is missing");
    Files.delete(outside);
  }
}
