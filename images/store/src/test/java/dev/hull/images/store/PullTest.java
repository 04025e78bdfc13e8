package dev.hull.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Blob;
import dev.hull.images.fake.SampleImage.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes out of a registry, and what is refused. */
class PullTest {
  private final FakeRegistry registry = new FakeRegistry();
  private final SampleImage image =
      SampleImage.of(Form.GZIP, SampleImage.noise(1, 100_000), SampleImage.noise(2, 200_000));
  private final String name = registry.host() + "/team/app:1";

  @TempDir private Path folder;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
    registry.close();
  }

  private Image pull(String reference) {
    return store.pull(reference, Credentials.NONE, Progress.SILENT);
  }

  private void refused(Kind kind, String... words) {
    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .hasMessageStartingWith("cannot pull " + name + ": ")
        .hasMessageContainingAll(words);
    nothingLeft();
  }

  private void nothingLeft() {
    assertThat(store.list()).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("layers"))).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("documents"))).isEmpty();
    assertThat(StoreFixture.files(folder.resolve("temporary"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void layersArriveAsTheyWereMadeInEveryForm(Form form) throws IOException {
    SampleImage made =
        SampleImage.of(form, SampleImage.noise(3, 300_000), SampleImage.noise(4, 10));
    registry.push("team/app", "1", made);
    Image pulled = pull(name);
    assertThat(pulled.id()).isEqualTo(made.id());
    assertThat(pulled.layers()).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(Files.readAllBytes(pulled.layers().get(i).erofs())).isEqualTo(made.tars().get(i));
    }
    assertThat(pulled.repoTags()).containsExactly(name);
    assertThat(pulled.repoDigests())
        .containsExactly(registry.host() + "/team/app@" + made.manifest().digest());
    assertThat(store.list()).containsExactly(pulled);
  }

  @Test
  void theConfigSaysHowToRunIt() {
    registry.push("team/app", "1", image);
    Image.Config config = pull(name).config();
    assertThat(config)
        .isEqualTo(
            new Image.Config(
                "1000:1000",
                List.of("PATH=/bin", "A=b"),
                List.of("/bin/a"),
                List.of("b", "c"),
                "/w",
                java.util.Optional.of("SIGQUIT"),
                List.of("/v"),
                List.of("80/tcp"),
                Map.of("k", "v")));
  }

  @Test
  void dockersManifestsAndListsAreReadToo() {
    SampleImage docker = image.asDocker();
    registry.push("team/app", "amd64", docker);
    Blob list = SampleImage.index(SampleImage.DOCKER_LIST, docker, "linux/arm64/v8", "linux/amd64");
    registry.push("team/app", "1", list);
    Image pulled = pull(name);
    assertThat(pulled.id()).isEqualTo(docker.id());
    assertThat(pulled.repoDigests())
        .containsExactly(registry.host() + "/team/app@" + list.digest());
  }

  @Test
  void anIndexWithoutOurPlatformIsRefusedWithThoseItHas() {
    registry.push("team/app", "any", image);
    registry.push(
        "team/app",
        "1",
        SampleImage.index(
            SampleImage.OCI_INDEX, image, "linux/arm64/v8", "windows/amd64", "unknown/unknown"));
    refused(
        Kind.NOT_FOUND, "there is none for linux/amd64, only for linux/arm64/v8, windows/amd64");
  }

  @Test
  void aSingleImageForAnotherPlatformIsRefused() {
    registry.push(
        "team/app", "1", SampleImage.of("linux", "arm64", Form.GZIP, SampleImage.noise(1, 10)));
    refused(Kind.NOT_FOUND, "there is none for linux/amd64, only for linux/arm64");
  }

  @Test
  void anImageThatDoesNotExistIsRefusedAndTheRemedyNamed() {
    refused(Kind.NOT_FOUND, "404 NAME_UNKNOWN", "check the name and the tag");
  }

  @Test
  void aLayerWithTheWrongBytesIsRefused() {
    registry.push("team/app", "1", image);
    byte[] other = image.layers().get(1).bytes().clone();
    byte[] tar = SampleImage.noise(5, 200_000);
    byte[] wrong = SampleImage.compress(Form.GZIP, tar);
    registry.put(image.layers().get(1).digest(), java.util.Arrays.copyOf(wrong, other.length));
    refused(Kind.CORRUPT, "its layer " + image.layers().get(1).digest(), "is corrupt");
  }

  @Test
  void aPlainLayerWithOneBitWrongIsRefusedByItsDigest() {
    SampleImage plain = SampleImage.of(Form.PLAIN, SampleImage.noise(1, 50_000));
    registry.push("team/app", "1", plain);
    byte[] flipped = plain.layers().getFirst().bytes().clone();
    flipped[20_000] ^= 1;
    registry.put(plain.layers().getFirst().digest(), flipped);
    refused(Kind.CORRUPT, "what came has the digest sha256:");
  }

  @Test
  void aLayerThatIsNotWhatTheConfigSaysIsRefused() {
    SampleImage lying =
        SampleImage.of(
            "linux",
            "amd64",
            List.of(SampleImage.noise(1, 100)),
            SampleImage.of(Form.GZIP, SampleImage.noise(2, 100)).layers());
    registry.push("team/app", "1", lying);
    refused(Kind.CORRUPT, "where its config says", lying.layers().getFirst().digest().value());
  }

  @Test
  void aTruncatedLayerIsRefused() {
    registry.push("team/app", "1", image);
    Blob layer = image.layers().getFirst();
    registry.put(layer.digest(), java.util.Arrays.copyOf(layer.bytes(), 50_000));
    refused(Kind.CORRUPT, layer.digest().value(), "ends");
  }

  @Test
  void whatIsPulledByItsDigestHasThatNameAlone() {
    registry.push("team/app", "1", image);
    String byDigest = registry.host() + "/team/app@" + image.manifest().digest();
    Image pulled = pull(byDigest);
    assertThat(pulled.repoTags()).isEmpty();
    assertThat(pulled.repoDigests()).containsExactly(byDigest);
    assertThat(pull(byDigest)).isEqualTo(pulled);
    assertThat(pull(name).repoTags()).containsExactly(name);
  }

  @Test
  void aManifestUnderAnotherDigestThanAskedForIsRefused() {
    Digest wanted = image.manifest().digest();
    SampleImage other = SampleImage.of(Form.GZIP, SampleImage.noise(9, 10));
    registry.push("team/app", "1", other);
    registry.fail(
        exchange -> {
          if (!exchange.getRequestURI().getPath().contains("/manifests/")) {
            return false;
          }
          FakeRegistry.answer(exchange, 200, SampleImage.OCI_MANIFEST, other.manifest().bytes());
          return true;
        });
    assertThatThrownBy(() -> pull(registry.host() + "/team/app@" + wanted))
        .hasMessageContainingAll("its manifest " + wanted, other.manifest().digest().value());
    nothingLeft();
  }

  @Test
  void aManifestThatIsTooLargeIsNotReadToItsEnd() {
    registry.push("team/app", "1", image);
    registry.push("team/app", "1", new Blob(new byte[5 << 20], SampleImage.OCI_MANIFEST));
    refused(Kind.INVALID, "its manifest has more than 4194304 bytes");
  }

  @Test
  void aDecompressionBombIsStopped() {
    SampleImage bomb = SampleImage.of(Form.ZSTD, SampleImage.tar("zeros", new byte[4 << 20]));
    assertThat(bomb.layers().getFirst().bytes().length).isLessThan(10_000);
    registry.push("team/app", "1", bomb);
    store.close();
    store = StoreFixture.open(folder, StoreFixture.CONFIG, new Limits(3, 1 << 20));
    refused(Kind.INVALID, "unpacks to more than 1048576 bytes");
  }

  @Test
  void aForeignLayerIsRefused() {
    Blob foreign =
        new Blob(
            image.layers().getFirst().bytes(),
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
    registry.push(
        "team/app",
        "1",
        SampleImage.of("linux", "amd64", image.tars().subList(0, 1), List.of(foreign)));
    refused(Kind.INVALID, "is foreign");
  }

  @Test
  void contentThatIsHereIsNotFetchedAgain() {
    registry.push("team/app", "1", image);
    Image first = pull(name);
    int before = registry.asked().size();
    assertThat(pull(name)).isEqualTo(first);
    assertThat(registry.asked()).as("only the tag is asked for").hasSize(before + 1);
    assertThat(pull(first.repoDigests().getFirst())).isEqualTo(first);
    assertThat(registry.asked()).as("a digest is not even asked for").hasSize(before + 1);
  }

  @Test
  void imagesShareTheLayersThatTheyHaveInCommon() {
    registry.push("team/app", "1", image);
    byte[] third = SampleImage.noise(3, 1000);
    SampleImage next = SampleImage.of(Form.GZIP, image.tars().get(0), third);
    registry.push("team/app", "2", next);
    Image one = pull(name);
    Image two = pull(registry.host() + "/team/app:2");
    assertThat(two.layers().getFirst()).isEqualTo(one.layers().getFirst());
    assertThat(registry.gets(image.layers().getFirst().digest().value())).isEqualTo(1);
    assertThat(StoreFixture.files(folder.resolve("layers"))).hasSize(3);
  }

  @Test
  void aTagThatMovesLeavesTheOldImageItsDigest() {
    registry.push("team/app", "1", image);
    Image old = pull(name);
    SampleImage next = SampleImage.of(Form.GZIP, SampleImage.noise(8, 10));
    registry.push("team/app", "1", next);
    Image fresh = pull(name);
    assertThat(fresh.repoTags()).containsExactly(name);
    Image left = store.find(old.id().value()).orElseThrow();
    assertThat(left.repoTags()).isEmpty();
    assertThat(left.repoDigests()).isEqualTo(old.repoDigests());
  }

  @Test
  void progressIsToldForEachLayer() {
    registry.push("team/app", "1", image);
    Map<Digest, Long> totals = new ConcurrentHashMap<>();
    Map<Digest, Long> last = new ConcurrentHashMap<>();
    Map<Digest, Boolean> done = new ConcurrentHashMap<>();
    Progress progress =
        new Progress() {
          @Override
          public void layerFound(Digest layer, long totalBytes) {
            totals.put(layer, totalBytes);
          }

          @Override
          public void layerAdvanced(Digest layer, long transferredBytes) {
            last.put(layer, transferredBytes);
          }

          @Override
          public void layerDone(Digest layer) {
            done.put(layer, true);
          }
        };
    Image pulled = store.pull(name, Credentials.NONE, progress);
    for (int i = 0; i < 2; i++) {
      long size = image.layers().get(i).bytes().length;
      Digest layer = pulled.layers().get(i).diffId();
      assertThat(totals).containsEntry(layer, size);
      assertThat(last).containsEntry(layer, size);
      assertThat(done).containsEntry(layer, true);
    }
  }

  @Test
  void everybodyMayReadLayersAndNobodyElseTheRest() throws IOException {
    registry.push("team/app", "1", image);
    Path layer = pull(name).layers().getFirst().erofs();
    assertThat(mode(layer)).isEqualTo("rw-r--r--");
    assertThat(mode(folder)).isEqualTo("rwxr-xr-x");
    assertThat(mode(folder.resolve("layers"))).isEqualTo("rwxr-xr-x");
    assertThat(mode(folder.resolve("documents"))).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("temporary"))).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("catalog.json"))).isEqualTo("rw-------");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
