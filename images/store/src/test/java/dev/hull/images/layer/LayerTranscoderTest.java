package dev.hull.images.layer;

import static dev.hull.images.layer.TarBuilder.directory;
import static dev.hull.images.layer.TarBuilder.entry;
import static dev.hull.images.layer.TarBuilder.file;
import static dev.hull.images.layer.TarBuilder.hardLink;
import static dev.hull.images.layer.TarBuilder.symlink;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerTranscoderTest {
  @TempDir Path scratch;

  @Test
  void everyKindOfFileIsThereWithItsAttributes() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            directory("./").mode(0751).owner(1, 2),
            directory("d/").mode(01777).owner(3, 4).pax("mtime", "1234567890.123456789"),
            file("d/file", "content").mode(04711).owner(4_000_000_000L, 65_536),
            symlink("d/link", "../somewhere/else"),
            entry('3', "d/null").mode(0666).device(1, 3),
            entry('4', "d/disk").mode(0660).device(4095, 1_048_575),
            entry('6', "d/fifo").mode(0600).mtime(-5))) {
      assertThat(layer.file("").mode()).isEqualTo(0040751);
      assertThat(layer.file("").uid()).isEqualTo(1);
      assertThat(layer.file("").links()).isEqualTo(3);
      assertThat(layer.file("d").mode()).isEqualTo(0041777);
      assertThat(layer.file("d").mtime()).isEqualTo(1234567890);
      assertThat(layer.file("d").nanos()).isEqualTo(123456789);
      assertThat(layer.file("d").links()).isEqualTo(2);
      assertThat(layer.file("d/file").mode()).isEqualTo(0104711);
      assertThat(Integer.toUnsignedLong(layer.file("d/file").uid())).isEqualTo(4_000_000_000L);
      assertThat(layer.file("d/file").gid()).isEqualTo(65_536);
      assertThat(layer.content("d/file")).isEqualTo("content");
      assertThat(layer.file("d/link").mode()).isEqualTo(0120777);
      assertThat(layer.content("d/link")).isEqualTo("../somewhere/else");
      assertThat(layer.file("d/null").mode()).isEqualTo(0020666);
      assertThat(layer.file("d/null").device()).isEqualTo(0x103);
      assertThat(layer.file("d/disk").mode()).isEqualTo(0060660);
      assertThat(layer.file("d/disk").device()).isEqualTo(0xffffffff);
      assertThat(layer.file("d/fifo").mode()).isEqualTo(0010600);
      assertThat(layer.file("d/fifo").mtime()).isEqualTo(-5);
    }
  }

  @Test
  void timesBefore1970RoundTowardsThePast() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(scratch, file("f", "").pax("mtime", "-1.2500000009"))) {
      assertThat(layer.file("f").mtime()).isEqualTo(-2);
      assertThat(layer.file("f").nanos()).isEqualTo(749_999_999);
    }
  }

  @Test
  void extendedAttributesKeepTheirBytes() throws Exception {
    String bytes =
        IntStream.range(0, 256).mapToObj(i -> "" + (char) i).collect(Collectors.joining());
    String large = "v".repeat(5000);
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            file("f", "x")
                .pax("SCHILY.xattr.security.capability", bytes)
                .pax("SCHILY.xattr.user.a", "")
                .pax("SCHILY.xattr.user.\u00c3\u00a4", "name is UTF-8")
                .pax("SCHILY.xattr.trusted.t", "t")
                .pax("SCHILY.xattr.system.posix_acl_access", bytes)
                .pax("SCHILY.xattr.trusted.overlay.redirect", "/etc")
                .pax("SCHILY.xattr.system.nfs4_acl", "EROFS has no room for it"),
            directory("d").pax("SCHILY.xattr.system.posix_acl_default", bytes),
            symlink("l", "target").pax("SCHILY.xattr.trusted.large", large))) {
      assertThat(layer.file("f").xattrs())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "security.capability",
                  bytes,
                  "user.a",
                  "",
                  "user.\u00c3\u00a4",
                  "name is UTF-8",
                  "trusted.t",
                  "t",
                  "system.posix_acl_access",
                  bytes));
      assertThat(layer.file("d").xattrs())
          .containsExactly(Map.entry("system.posix_acl_default", bytes));
      assertThat(layer.file("l").xattrs()).containsExactly(Map.entry("trusted.large", large));
      assertThat(layer.content("f")).isEqualTo("x");
      assertThat(layer.content("l")).isEqualTo("target");
    }
  }

  @Test
  void hardLinksAreOneInode() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            file("a", "same"),
            hardLink("d/b", "./a"),
            hardLink("c", "/d/b").mode(0).owner(9, 9),
            symlink("s", "a"),
            hardLink("s2", "s"))) {
      assertThat(layer.file("d/b").nid()).isEqualTo(layer.file("a").nid());
      assertThat(layer.file("c")).isEqualTo(layer.file("a"));
      assertThat(layer.file("a").links()).isEqualTo(3);
      assertThat(layer.file("s2")).isEqualTo(layer.file("s"));
      assertThat(layer.file("s").links()).isEqualTo(2);
    }
  }

  @Test
  void whiteoutsBecomeThoseOfOverlayfs() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            file("usr/.wh.gone", ""),
            file(".wh.also gone", ""),
            directory("fresh").mode(0700),
            file("fresh/.wh..wh..opq", ""),
            file("fresh/new", "n"),
            file(".wh..wh.plnk/1", "of AUFS"),
            file(".wh..wh.aufs", "of AUFS"))) {
      assertThat(layer.isWhiteout("usr/gone")).isTrue();
      assertThat(layer.isWhiteout("also gone")).isTrue();
      assertThat(layer.file("fresh").xattrs())
          .containsExactly(Map.entry("trusted.overlay.opaque", "y"));
      assertThat(layer.file("fresh").mode()).isEqualTo(0040700);
      assertThat(layer.files().keySet())
          .containsExactlyInAnyOrder("", "also gone", "fresh", "fresh/new", "usr", "usr/gone");
    }
  }

  @Test
  void aWhiteoutSaysNothingAboutItsOwnLayer() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            file("before", "stays"),
            file(".wh.before", ""),
            file(".wh.after", ""),
            file("after", "stays too"),
            directory("d").pax("SCHILY.xattr.user.a", "b"),
            file(".wh.d", ""),
            file("d/x", ""))) {
      assertThat(layer.content("before")).isEqualTo("stays");
      assertThat(layer.content("after")).isEqualTo("stays too");
      assertThat(layer.file("d").xattrs())
          .containsExactly(Map.entry("trusted.overlay.opaque", "y"), Map.entry("user.a", "b"));
    }
  }

  @Test
  void theLastEntryOfAPathWins() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            file("f", "first"),
            file("f", "second").mode(0600),
            directory("d").mode(0700),
            file("d/kept", ""),
            directory("d").mode(0711).owner(5, 5),
            directory("gone"),
            file("gone/x", ""),
            file("gone", "a file now"),
            symlink("s", "nowhere"),
            directory("s"),
            file("s/y", ""))) {
      assertThat(layer.content("f")).isEqualTo("second");
      assertThat(layer.file("f").mode()).isEqualTo(0100600);
      assertThat(layer.file("d").mode()).isEqualTo(0040711);
      assertThat(layer.content("gone")).isEqualTo("a file now");
      assertThat(layer.files().keySet())
          .containsExactlyInAnyOrder("", "f", "d", "d/kept", "gone", "s", "s/y");
    }
  }

  @Test
  void directoriesThatTheLayerLeavesOutAreMade() throws Exception {
    try (LayerFixture layer = LayerFixture.of(scratch, file("/a/./b//c/f", "deep"))) {
      assertThat(layer.file("a/b/c").mode()).isEqualTo(0040755);
      assertThat(layer.file("a").uid()).isZero();
      assertThat(layer.content("a/b/c/f")).isEqualTo("deep");
    }
  }

  @Test
  void linksOnTheWayAreFollowedWithinTheLayer() throws Exception {
    try (LayerFixture layer =
        LayerFixture.of(
            scratch,
            directory("usr/lib"),
            symlink("lib", "usr/lib"),
            symlink("abs", "/usr/./lib/"),
            symlink("usr/up", "../../../../lib"),
            file("lib/a", "1"),
            file("abs/b", "2"),
            file("usr/up/c", "3"),
            hardLink("abs/d", "lib/a"))) {
      assertThat(layer.content("usr/lib/a")).isEqualTo("1");
      assertThat(layer.content("usr/lib/b")).isEqualTo("2");
      assertThat(layer.content("usr/lib/c")).isEqualTo("3");
      assertThat(layer.file("usr/lib/d").links()).isEqualTo(2);
      assertThat(layer.content("lib")).isEqualTo("usr/lib");
    }
  }

  @Test
  void namesMayBeLongAndOfAnyBytes() throws Exception {
    String longest = "n".repeat(255);
    String bytes = "\u0001\u00ff\u0080 *\\\n";
    String path = ("p".repeat(250) + "/").repeat(15);
    TarBuilder tar =
        new TarBuilder()
            .add(file("x", "pax").pax("path", path + longest))
            .longName('L', path + "gnu")
            .longName('K', "t".repeat(4095))
            .add(symlink("y", "z"))
            .add(file(bytes, "odd"))
            .add(file("prefixed", "p"));
    byte[] posix = TarBuilder.header(file("name", ""));
    TarBuilder.put(posix, 345, 155, "some/prefix");
    try (LayerFixture layer = LayerFixture.of(scratch, tar.raw(TarBuilder.sealed(posix)).end())) {
      assertThat(layer.content(path + longest)).isEqualTo("pax");
      assertThat(layer.content(path + "gnu")).isEqualTo("t".repeat(4095));
      assertThat(layer.content(bytes)).isEqualTo("odd");
      assertThat(layer.file("some/prefix/name").size()).isZero();
    }
  }

  @Test
  void largeDirectoriesAreSortedAlsoAroundTheDots() throws Exception {
    TarBuilder tar = new TarBuilder();
    for (String name : List.of("!", "-", ".!", ".-", "...", ".a", "~")) {
      tar.add(file(name, name));
    }
    for (int i = 0; i < 3000; i++) {
      tar.add(file("d/" + "n".repeat(i % 90) + i, ""));
      tar.add(directory("sub/" + i));
    }
    try (LayerFixture layer = LayerFixture.of(scratch, tar.end())) {
      assertThat(layer.files()).hasSize(1 + 7 + 2 + 6000);
      assertThat(layer.content(".-")).isEqualTo(".-");
      assertThat(layer.file("sub").links()).isEqualTo(3002);
    }
  }

  @Test
  void dataOfEverySizeAroundABlockIsWhole() throws Exception {
    TarBuilder tar = new TarBuilder();
    int[] sizes = {
      0, 1, 31, 32, 4000, 4031, 4032, 4033, 4095, 4096, 4097, 8128, 8191, 8192, 300_000
    };
    for (int size : sizes) {
      tar.add(entry('0', "f" + size).data(pattern(size)));
    }
    try (LayerFixture layer = LayerFixture.of(scratch, tar.end())) {
      Path extracted = scratch.resolve("extracted");
      new Programs(scratch).extract(image(tar.bytes()), extracted);
      for (int size : sizes) {
        assertThat(layer.reader().content(layer.file("f" + size))).isEqualTo(pattern(size));
        assertThat(Files.readAllBytes(extracted.resolve("f" + size))).isEqualTo(pattern(size));
      }
    }
  }

  @Test
  void zerosAreDataToTheGuestButTakeNoSpaceOnTheHost() throws Exception {
    byte[] zeros = new byte[8 << 20];
    zeros[5 << 20] = 1;
    try (LayerFixture layer = LayerFixture.of(scratch, entry('0', "zeros").data(zeros))) {
      assertThat(layer.reader().content(layer.file("zeros"))).isEqualTo(zeros);
      assertThat(layer.reader().mapped(layer.file("zeros"))).doesNotContain(false);
    }
    Path image = image(TarBuilder.tar(entry('0', "zeros").data(zeros)));
    String allocated = new Programs(scratch).run("du", "-k", image.toString()).split("\t", 2)[0];
    assertThat(Long.parseLong(allocated)).isLessThan(100);
  }

  @Test
  void filesMayBeLargerThanFourGibibytes() throws Exception {
    long size = (4L << 30) + 5000;
    byte[] header = TarBuilder.header(entry('0', "huge").size(size));
    byte[] tail = TarBuilder.padded(pattern(5000));
    Path image = scratch.resolve("huge.erofs");
    try (InputStream tar =
        new SequenceInputStream(
            new SequenceInputStream(new ByteArrayInputStream(header), new Zeros(4L << 30)),
            new ByteArrayInputStream(new TarBuilder().raw(tail).end()))) {
      new LayerTranscoder(scratch).transcode(tar, image);
    }
    new Programs(scratch).fsck(image);
    try (ErofsReader reader = new ErofsReader(image)) {
      ErofsReader.File huge = reader.find("huge");
      assertThat(huge.size()).isEqualTo(size);
      assertThat(reader.data(huge, 4L << 30, 5000)).isEqualTo(pattern(5000));
      assertThat(reader.data(huge, (4L << 30) - 4096, 4096)).containsOnly(0);
    }
  }

  @Test
  void theSameTarMakesTheSameBytes() throws Exception {
    byte[] tar =
        TarBuilder.tar(file("b/c", "1"), directory("b"), symlink("a", "b"), hardLink("d", "b/c"));
    assertThat(Files.mismatch(image(tar), image(tar))).isEqualTo(-1);
  }

  @Test
  void anEmptyLayerIsAnEmptyRoot() throws Exception {
    try (LayerFixture layer = LayerFixture.of(scratch, new byte[0]);
        LayerFixture usual = LayerFixture.of(scratch, new byte[10240])) {
      assertThat(layer.files().keySet()).containsExactly("");
      assertThat(usual.file("").mode()).isEqualTo(0040755);
    }
  }

  @Test
  void whatStandsBehindTheEndMarkIsReadForTheDigestAndNothingElse() throws Exception {
    InputStream tar =
        new ByteArrayInputStream(new TarBuilder().raw(new byte[1024]).raw(new byte[777]).bytes());
    new LayerTranscoder(scratch).transcode(tar, scratch.resolve("image"));
    assertThat(tar.read()).isEqualTo(-1);
  }

  @Test
  void theScratchFolderIsEmptyAfterwards() throws Exception {
    Path folder = Files.createDirectory(scratch.resolve("own"));
    new LayerTranscoder(folder)
        .transcode(
            new ByteArrayInputStream(TarBuilder.tar(file("f", "tail"))), scratch.resolve("i"));
    assertThat(folder).isEmptyDirectory();
  }

  private Path image(byte[] tar) throws Exception {
    return LayerFixture.image(scratch, tar);
  }

  static byte[] pattern(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8) + 1);
    }
    return bytes;
  }

  /** So many zeros. */
  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long count) {
      left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      java.util.Arrays.fill(bytes, offset, offset + count, (byte) 0);
      left -= count;
      return count;
    }
  }
}
