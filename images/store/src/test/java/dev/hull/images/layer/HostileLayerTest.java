package dev.hull.images.layer;

import static dev.hull.images.layer.TarBuilder.directory;
import static dev.hull.images.layer.TarBuilder.entry;
import static dev.hull.images.layer.TarBuilder.file;
import static dev.hull.images.layer.TarBuilder.hardLink;
import static dev.hull.images.layer.TarBuilder.symlink;
import static dev.hull.images.layer.TarBuilder.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileLayerTest {
  private static final LayerLimits SMALL = new LayerLimits(10, 2000, 3, 1000, 1 << 20);

  @TempDir Path scratch;
  private int images;

  @Test
  void pathsThatLeadUpwardsAreRefused() {
    refused(tar(file("../etc/passwd", "")), "the path \"../etc/passwd\" leads upwards");
    refused(tar(file("a/../../b", "")), "the path \"a/../../b\" leads upwards");
    refused(tar(file("a", ""), hardLink("b", "../a")), "the path \"../a\" leads upwards");
    refused(tar(file("x", "").pax("path", "/a/..")), "the path \"/a/..\" leads upwards");
  }

  @Test
  void namesThatLinuxDoesNotTakeAreRefused() {
    refused(
        new TarBuilder().longName('L', "n".repeat(256)).add(file("x", "")).end(),
        "has a name that Linux does not take: 1 to 255 bytes, none of them 0");
    refused(
        tar(file("x", "").pax("path", "a\0b")),
        "the path \"a?b\" has a name that Linux does not take");
    refused(
        tar(file("x", "").pax("path", "a/".repeat(2100) + "b")),
        "has 4201 bytes; Linux takes 4095");
  }

  @Test
  void hardLinksToNothingAndToDirectoriesAreRefused() {
    refused(
        tar(hardLink("a", "b")), "the hard link \"a\" points to \"b\", which is not in the layer");
    refused(
        tar(directory("d"), hardLink("a", "d")),
        "the hard link \"a\" points to \"d\", which is a directory");
    refused(tar(hardLink("a", "a/b/c")), "which is not in the layer");
    refused(tar(hardLink("a", "/")), "which is a directory");
  }

  @Test
  void pathsThroughFilesAndLoopsAreRefused() {
    refused(
        tar(file("a", ""), file("a/b", "")),
        "the path \"a\" leads through \"a\", which is not a directory");
    refused(
        tar(symlink("a", "b"), symlink("b", "a"), file("a/x", "")),
        "the path \"a\" leads through too many links");
    refused(tar(symlink("./", "x")), "the layer's root is not a directory");
  }

  @Test
  void oddWhiteoutsAreRefused() {
    refused(tar(file(".wh.", "")), "\".wh.\" is a whiteout of nothing that can be");
    refused(tar(file("d/.wh...", "")), "is a whiteout of nothing that can be");
    refused(tar(file(".wh.d/x", "")), "stands below a whiteout, which is not a directory");
  }

  @Test
  void kindsThatLayersDoNotHaveAreRefused() {
    refused(tar(entry('M', "part")), "\"part\" is of a kind that layers do not have: \"M\"");
    refused(tar(entry('3', "dev").device(4096, 0)), "has a number that Linux cannot have: 4096:0");
    refused(tar(entry('4', "dev").device(0, 1 << 20)), "cannot have: 0:1048576");
    refused(tar(symlink("l", "")), "has a target that Linux does not take");
    refused(
        tar(file("f", "").pax("uid", "4294967296")),
        "belongs to a user or group that Linux cannot have: 4294967296");
    refused(tar(file("f", "").owner(-1, 0)), "Linux cannot have: -1");
    refused(tar(file("f", "").pax("mtime", "soon")), "has a time that is not a number");
  }

  @Test
  void brokenTarsAreRefused() {
    byte[] flipped = tar(file("f", "data"));
    flipped[101] ^= 1;
    refused(flipped, "the tar has a header with a wrong checksum: \"f\"");
    byte[] letters = TarBuilder.header(file("f", "data"));
    TarBuilder.put(letters, 124, 11, "0000000zzzz");
    refused(TarBuilder.sealed(letters), "the tar entry \"f\" has no number for its size");
    byte[] whole = tar(entry('0', "f").data(new byte[5000]));
    refused(Arrays.copyOf(whole, 300), "the tar ends within a header");
    refused(Arrays.copyOf(whole, 2000), "the tar ends within the data of an entry");
    refused(Arrays.copyOf(whole, 512 + 5010), "the tar ends within the data of an entry");
    refused(
        new TarBuilder().longName('L', "n").end(),
        "the tar ends between an extended header and its entry");
    refused(
        tar(entry('x', "pax").data("99 path=x\n"), file("f", "")),
        "a PAX header of the tar has a record of a wrong length");
    refused(tar(entry('x', "pax").data("6 =xx\n"), file("f", "")), "has a record without a key");
    refused(
        new TarBuilder().paxHeader('g', Map.of("path", "x")).add(file("f", "")).end(),
        "the tar has a global header with \"path\"");
    byte[] negative = TarBuilder.header(file("f", ""));
    TarBuilder.number(negative, 124, 12, -7);
    refused(TarBuilder.sealed(negative), "\"f\" has a negative size");
  }

  @Test
  void brokenSparseMapsAreRefused() {
    for (String map :
        new String[] {
          "0,4", "5,2,3,2", "0,2,1,2", "10,4", "0,-4", "0,x", "0,4,1", "9223372036854775807,4"
        }) {
      refused(
          tar(
              file("f", "1234")
                  .pax("GNU.sparse.size", map.equals("0,4") ? "3" : "10")
                  .pax("GNU.sparse.map", map)),
          "the sparse file \"f\" has a map that does not fit it");
    }
    refused(
        tar(file("f", "1\n0\n").pax("GNU.sparse.major", "1").pax("GNU.sparse.realsize", "10")),
        "the sparse file \"f\" has a map that does not fit it");
  }

  @Test
  void sizesThatNobodyMeansAreRefusedBeforeAnythingIsReserved() {
    refused(
        tar(file("f", "").size(1L << 62)),
        "\"f\" has 4611686018427387904 bytes; at most 8796093022208 are taken");
    refused(
        tar(entry('L', "long").size(1L << 40), file("f", "")),
        "the tar has an extended header of 1099511627776 bytes; at most 1048576 are read");
    refused(
        tar(entry('x', "pax").size(1L << 30), file("f", "")),
        "the tar has an extended header of 1073741824 bytes");
    TarBuilder huge = new TarBuilder();
    for (int i = 0; i < 3; i++) {
      huge.add(
          file("f" + i, "12")
              .pax("GNU.sparse.size", "" + (8L << 40))
              .pax("GNU.sparse.map", "0,1," + ((8L << 40) - 1) + ",1"));
    }
    // Three files of two blocks each are nothing: only what has data takes blocks.
    assertThat(transcoded(huge.end(), LayerLimits.DEFAULT)).isNull();
  }

  @Test
  void moreThanErofsCanNumberIsRefusedBeforeItIsRead() {
    refused(
        tar(file("f", "").size(17L << 40)),
        new LayerLimits(10, 2000, 3, 1000, 1L << 60),
        "the layer does not fit: an EROFS image cannot be larger than 16 TiB");
  }

  @Test
  void limitsAreKept() {
    TarBuilder many = new TarBuilder();
    for (int i = 0; i < 11; i++) {
      many.add(file("f" + i, ""));
    }
    refused(many.end(), SMALL, "the layer has more than 10 entries, the most that are taken");
    refused(tar(file("a/b/c/d/e/f/g/h/i/j/k", "")), SMALL, "has more than 10 entries");
    TarBuilder whiteouts = new TarBuilder();
    for (int i = 0; i < 11; i++) {
      whiteouts.add(file(".wh.f", ""));
    }
    refused(whiteouts.end(), SMALL, "has more than 10 entries");
    refused(
        tar(
            file("a", "").pax("SCHILY.xattr.user.x", "v".repeat(900)),
            file("b", "").pax("SCHILY.xattr.user.x", "v".repeat(900)),
            file("c", "").pax("SCHILY.xattr.user.x", "v".repeat(900))),
        SMALL,
        "the layer has more than 2000 bytes of names, link targets and extended attributes");
    refused(
        tar(
            file("a", "12").pax("GNU.sparse.size", "9").pax("GNU.sparse.map", "1,1,3,1"),
            file("b", "12").pax("GNU.sparse.size", "9").pax("GNU.sparse.map", "1,1,3,1")),
        SMALL,
        "the sparse file \"b\" has too many parts: only 1 more may be in the layer");
    refused(
        tar(file("f", "").pax("SCHILY.xattr.user." + "n".repeat(251), "")),
        "\"f\" has an extended attribute that is too long");
  }

  @Test
  void namesInMessagesAreFitToBeShown() {
    assertThat(Shown.name("a\u001b[31m\n\u0000b")).isEqualTo("\"a?[31m??b\"");
    assertThat(Shown.name("\u00c3\u00a4")).isEqualTo("\"ä\"");
    assertThat(Shown.name("x".repeat(500))).isEqualTo("\"" + "x".repeat(160) + "…\"");
  }

  @Test
  void randomBytesNeverDoMoreThanBeRefused() {
    Random random = new Random(20260101);
    byte[] whole =
        new TarBuilder()
            .add(directory("d").pax("SCHILY.xattr.user.a", "b").pax("mtime", "1.5"))
            .longName('L', "d/" + "n".repeat(200))
            .add(entry('0', "f").data(new byte[700]))
            .add(file("s", "12").pax("GNU.sparse.size", "9").pax("GNU.sparse.map", "1,1,3,1"))
            .add(hardLink("h", "s"))
            .add(file(".wh.gone", ""))
            .end();
    int refused = 0;
    for (int round = 0; round < 400; round++) {
      byte[] tar = whole.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        int block = 512 * random.nextInt(tar.length / 512);
        tar[block + random.nextInt(512)] = (byte) random.nextInt();
        if (random.nextBoolean()) {
          System.arraycopy(
              TarBuilder.sealed(Arrays.copyOfRange(tar, block, block + 512)), 0, tar, block, 512);
        }
      }
      if (transcoded(tar, SMALL) != null) {
        refused++;
      }
    }
    assertThat(refused).isBetween(50, 399);
  }

  private void refused(byte[] tar, String sentence) {
    refused(tar, LayerLimits.DEFAULT, sentence);
  }

  private void refused(byte[] tar, LayerLimits limits, String sentence) {
    assertThatThrownBy(
            () ->
                new LayerTranscoder(scratch, limits)
                    .transcode(new ByteArrayInputStream(tar), scratch.resolve("i" + images++)))
        .isInstanceOf(InvalidLayerException.class)
        .hasMessageContaining(sentence);
  }

  private @Nullable InvalidLayerException transcoded(byte[] tar, LayerLimits limits) {
    try {
      new LayerTranscoder(scratch, limits)
          .transcode(new ByteArrayInputStream(tar), scratch.resolve("i" + images++));
      return null;
    } catch (InvalidLayerException e) {
      return e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
