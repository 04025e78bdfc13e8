package dev.hull.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.Image;
import dev.hull.images.layout.Compression;
import dev.hull.images.layout.LayoutWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleCacheTest {
  @TempDir Path scratch;

  @Test
  void whatIsThereIsNotMadeAgain() throws Exception {
    SampleCache cache = new SampleCache(scratch.resolve("cache"));
    Path made = cache.get("k", (work, layout) -> make(layout, "a"));
    Path found =
        cache.get(
            "k",
            (work, layout) -> {
              throw new AssertionError("made twice");
            });
    assertThat(found).isEqualTo(made);
    assertThat(made.resolve("index.json")).exists();
  }

  @Test
  void aFailureLeavesNothingAndTheNextTrySucceeds() throws Exception {
    SampleCache cache = new SampleCache(scratch.resolve("cache"));
    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    (work, layout) -> {
                      Files.createDirectories(work.resolve("half/made"));
                      throw new IOException("injected");
                    }))
        .hasMessage("injected");
    assertThat(scratch.resolve("cache")).isDirectoryNotContaining("glob:**/{work-*,k}");
    Files.createDirectories(scratch.resolve("cache/work-of-a-killed-process/tree"));
    cache.get("k", (work, layout) -> make(layout, "a"));
    assertThat(scratch.resolve("cache")).isDirectoryNotContaining("glob:**/work-*");
  }

  @Test
  void aCopyIsReplacedByAnotherLayoutAndLeftAloneOtherwise() throws Exception {
    Path first = scratch.resolve("first");
    Path second = scratch.resolve("second");
    make(first, "a");
    make(second, "b");
    Path target = scratch.resolve("out");
    SampleCache.copy(first, target);
    var time = Files.getLastModifiedTime(target.resolve("index.json"));
    SampleCache.copy(first, target);
    assertThat(Files.getLastModifiedTime(target.resolve("index.json"))).isEqualTo(time);
    SampleCache.copy(second, target);
    assertThat(Files.mismatch(target.resolve("index.json"), second.resolve("index.json")))
        .isEqualTo(-1);
    try (var blobs = Files.list(target.resolve("blobs/sha256"))) {
      assertThat(blobs).hasSize(3);
    }
  }

  @Test
  void aFolderWithOtherThingsIsLeftAlone() throws Exception {
    make(scratch.resolve("l"), "a");
    Path target = Files.createDirectory(scratch.resolve("home"));
    Files.writeString(target.resolve("letter"), "dear");
    assertThatThrownBy(() -> SampleCache.copy(scratch.resolve("l"), target))
        .hasMessage(target + " is neither empty nor an image layout; name another folder");
    assertThat(target.resolve("letter")).hasContent("dear");
  }

  @Test
  void keysDependOnEveryPart() {
    assertThat(SampleCache.key(List.of("ab", "c")))
        .isNotEqualTo(SampleCache.key(List.of("a", "bc")));
    assertThat(SampleCache.key(List.of("a"))).isEqualTo(SampleCache.key(List.of("a")));
  }

  @Test
  void namesChooseSamplesAndUnknownOnesAreTold() {
    assertThat(Main.samples(List.of())).isEqualTo(Sample.ALL);
    assertThat(Main.samples(List.of("nginx", "nginx")))
        .extracting(Sample::reference)
        .containsExactly("hull.local/nginx:12");
    assertThatThrownBy(() -> Main.samples(List.of("mysql")))
        .hasMessage(
            "there is no sample image \"mysql\";"
                + " there are debian, nginx, redis, tomcat, busybox, war");
  }

  private static void make(Path folder, String content) throws IOException {
    LayoutWriter writer = LayoutWriter.create(folder, "amd64");
    Image.Config config =
        new Image.Config(
            "",
            List.of(),
            List.of(),
            List.of(content),
            "",
            Optional.empty(),
            List.of(),
            List.of(),
            Map.of());
    LayoutWriter.Layer layer = writer.layer(out -> out.write(new byte[1024]), Compression.NONE);
    writer.image("hull.local/" + content + ":1", List.of(layer), config);
    writer.finish();
  }
}
