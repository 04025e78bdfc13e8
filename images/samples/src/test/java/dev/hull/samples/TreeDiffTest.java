package dev.hull.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.images.layer.LayerTranscoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeDiffTest {
  private static final long EPOCH = 1_700_000_000;

  @TempDir Path scratch;
  private Path lower;
  private Path upper;

  @BeforeEach
  void makeTrees() throws Exception {
    lower = tree("lower");
    upper = tree("upper");
  }

  private Path tree(String name) throws Exception {
    Path tree = Files.createDirectory(scratch.resolve(name));
    Files.createDirectories(tree.resolve("a/b"));
    Files.createDirectories(tree.resolve("empty"));
    for (String file : new String[] {"a/b/f", "a/b/g", "a/x", "top"}) {
      Files.writeString(tree.resolve(file), "old");
      Files.setLastModifiedTime(
          tree.resolve(file), FileTime.from(Instant.ofEpochSecond(EPOCH + 5)));
    }
    Files.createSymbolicLink(tree.resolve("link"), Path.of("top"));
    return tree;
  }

  /** Links of two trees are made at two times, and their times cannot be set from Java. */
  private TreeDiff diff() throws Exception {
    Files.deleteIfExists(lower.resolve("link"));
    Files.deleteIfExists(upper.resolve("link"));
    return TreeDiff.between(lower, upper, EPOCH);
  }

  @Test
  void equalTreesDifferInNothing() throws Exception {
    assertThat(diff().changed()).isEmpty();
    assertThat(diff().gone()).isEmpty();
  }

  @Test
  void everythingOfATreeIsNewWithoutAnother() throws Exception {
    assertThat(TreeDiff.all(upper, EPOCH).changed())
        .containsExactly(".", "a", "a/b", "a/b/f", "a/b/g", "a/x", "empty", "link", "top");
  }

  @Test
  void whatHasChangedComesWithTheDirectoriesAboveIt() throws Exception {
    Files.writeString(upper.resolve("a/b/f"), "newer");
    Files.setPosixFilePermissions(
        upper.resolve("empty"), PosixFilePermissions.fromString("rwx------"));
    Files.writeString(upper.resolve("a/new"), "");
    assertThat(diff().changed()).containsExactly(".", "a", "a/b", "a/b/f", "a/new", "empty");
    assertThat(diff().gone()).isEmpty();
  }

  @Test
  void whatIsGoneComesWithTheDirectoriesAboveIt() throws Exception {
    Files.delete(upper.resolve("a/b/f"));
    Files.delete(upper.resolve("a/b/g"));
    Files.delete(upper.resolve("a/b"));
    assertThat(diff().gone()).containsExactly("a/b");
    assertThat(diff().changed()).containsExactly(".", "a");
  }

  @Test
  void aDirectoryThatBecameAFileIsChanged() throws Exception {
    Files.delete(upper.resolve("empty"));
    Files.writeString(upper.resolve("empty"), "a file");
    assertThat(diff().changed()).containsExactly(".", "empty");
    assertThat(diff().gone()).isEmpty();
  }

  @Test
  void theTarOfADifferenceHasWhiteoutsAndIsTheSameEachTime() throws Exception {
    Files.delete(upper.resolve("a/b/f"));
    Files.delete(upper.resolve("top"));
    Files.writeString(upper.resolve("a/new"), "n");
    byte[] tar = tar("one");
    assertThat(tar).isEqualTo(tar("two"));
    Path file = Files.write(scratch.resolve("layer.tar"), tar);
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    commands().pipe(Duration.ofSeconds(20), List.of("tar", "-tf", file.toString()), names);
    assertThat(names.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("./", "./a/", "./a/b/", "./a/new", "./a/b/.wh.f", "./.wh.top");
    new LayerTranscoder(scratch)
        .transcode(new ByteArrayInputStream(tar), scratch.resolve("layer.erofs"));
  }

  private byte[] tar(String name) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DiffTar(upper, diff(), EPOCH, Files.createDirectory(scratch.resolve(name)), commands())
        .writeTo(out);
    return out.toByteArray();
  }

  private Commands commands() {
    return new Commands(scratch);
  }

  @Test
  void foldersAreDeletedWithoutFollowingLinks() throws Exception {
    Files.createSymbolicLink(lower.resolve("a/out"), upper);
    Folders.delete(lower);
    assertThat(lower).doesNotExist();
    assertThat(upper.resolve("top")).exists();
    Folders.deleteFilesBelow(upper);
    try (Stream<Path> left = Files.walk(upper)) {
      assertThat(left).allMatch(Files::isDirectory).hasSize(4);
    }
  }
}
