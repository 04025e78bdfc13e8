package dev.hull.images.layer;

import static dev.hull.images.layer.TarBuilder.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.images.erofs.Attributes;
import dev.hull.images.erofs.Directory;
import dev.hull.images.erofs.ErofsWriter;
import dev.hull.images.erofs.Extent;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseFileTest {
  /** Data at 8192 (4096 bytes) and at 20,000 (100 bytes); the file ends in a hole. */
  private static final int SIZE = 40_000;

  private static final byte[] FIRST = LayerTranscoderTest.pattern(4096);
  private static final byte[] SECOND = LayerTranscoderTest.pattern(100);

  @TempDir Path scratch;

  @Test
  void theOldGnuFormIsRead() throws Exception {
    byte[] header = TarBuilder.header(entry('S', "f").size(4196));
    TarBuilder.put(header, 257, 8, "ustar  ");
    TarBuilder.number(header, 386, 12, 8192);
    TarBuilder.number(header, 398, 12, 4096);
    TarBuilder.number(header, 410, 12, 20_000);
    TarBuilder.number(header, 422, 12, 100);
    TarBuilder.number(header, 434, 12, SIZE);
    TarBuilder.number(header, 446, 12, 0);
    TarBuilder.number(header, 483, 12, SIZE);
    check(new TarBuilder().raw(TarBuilder.sealed(header)).raw(stored()));
  }

  @Test
  void theOldGnuFormIsReadWithBlocksBehindTheHeader() throws Exception {
    byte[] header = TarBuilder.header(entry('S', "f").size(4196));
    TarBuilder.put(header, 257, 8, "ustar  ");
    for (int i = 0; i < 4; i++) {
      TarBuilder.number(header, 386 + 24 * i, 12, 8192 + 1024 * i);
      TarBuilder.number(header, 398 + 24 * i, 12, 1024);
    }
    header[482] = 1;
    TarBuilder.number(header, 483, 12, SIZE);
    byte[] extension = new byte[512];
    TarBuilder.number(extension, 0, 12, 20_000);
    TarBuilder.number(extension, 12, 12, 100);
    check(new TarBuilder().raw(TarBuilder.sealed(header)).raw(extension).raw(stored()));
  }

  @Test
  void allPaxFormsAreRead() throws Exception {
    byte[] data = TarBuilder.header(entry('0', "GNUSparseFile.0/f").size(4196));
    check(
        new TarBuilder()
            .raw(
                pax(
                    TarBuilder.record("GNU.sparse.size", "" + SIZE)
                        + TarBuilder.record("GNU.sparse.numblocks", "2")
                        + TarBuilder.record("path", "f")
                        + TarBuilder.record("GNU.sparse.offset", "8192")
                        + TarBuilder.record("GNU.sparse.numbytes", "4096")
                        + TarBuilder.record("GNU.sparse.offset", "20000")
                        + TarBuilder.record("GNU.sparse.numbytes", "100")))
            .raw(data)
            .raw(stored()));
    check(
        new TarBuilder()
            .raw(
                pax(
                    TarBuilder.record("GNU.sparse.size", "" + SIZE)
                        + TarBuilder.record("GNU.sparse.name", "f")
                        + TarBuilder.record("GNU.sparse.map", "8192,4096,20000,100,40000,0")))
            .raw(data)
            .raw(stored()));
    check(
        new TarBuilder()
            .raw(
                pax(
                    TarBuilder.record("GNU.sparse.major", "1")
                        + TarBuilder.record("GNU.sparse.minor", "0")
                        + TarBuilder.record("GNU.sparse.name", "f")
                        + TarBuilder.record("GNU.sparse.realsize", "" + SIZE)))
            .raw(TarBuilder.header(entry('0', "GNUSparseFile.0/f").size(512 + 4196)))
            .raw(
                TarBuilder.padded(
                    "3\n8192\n4096\n20000\n100\n40000\n0\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
            .raw(stored()));
  }

  @Test
  void aFileThatIsAllHoleHasNoBlock() throws Exception {
    Path image = scratch.resolve("image");
    try (ErofsWriter writer = new ErofsWriter(image, scratch)) {
      Directory root = new Directory(Attributes.ofRoot(0755));
      root.put(
          "hole",
          writer.sparseFile(
              Attributes.ofRoot(0644), 3L << 40, List.of(), InputStream.nullInputStream()));
      writer.finish(root);
    }
    new Programs(scratch).fsck(image);
    assertThat(image).hasSize(2 * 4096);
    try (ErofsReader reader = new ErofsReader(image)) {
      ErofsReader.File hole = reader.find("hole");
      assertThat(hole.size()).isEqualTo(3L << 40);
      assertThat(reader.data(hole, 2L << 40, 8192)).containsOnly(0);
    }
  }

  @Test
  void extentsFarApartInAHugeFileAreRead() throws Exception {
    long far = (1L << 40) + 12_345;
    Path image = scratch.resolve("image");
    try (ErofsWriter writer = new ErofsWriter(image, scratch)) {
      Directory root = new Directory(Attributes.ofRoot(0755));
      List<Extent> extents = List.of(new Extent(1, 10), new Extent(5000, 10), new Extent(far, 20));
      root.put(
          "f",
          writer.sparseFile(
              Attributes.ofRoot(0644),
              far + 20,
              extents,
              new ByteArrayInputStream(LayerTranscoderTest.pattern(40))));
      writer.finish(root);
    }
    new Programs(scratch).fsck(image);
    byte[] data = LayerTranscoderTest.pattern(40);
    try (ErofsReader reader = new ErofsReader(image)) {
      ErofsReader.File f = reader.find("f");
      assertThat(reader.data(f, 0, 11)).isEqualTo(concat(new byte[1], data, 0, 10));
      assertThat(reader.data(f, 5000, 10)).isEqualTo(Arrays.copyOfRange(data, 10, 20));
      assertThat(reader.data(f, far - 1, 21)).isEqualTo(concat(new byte[1], data, 20, 20));
    }
  }

  @Test
  void aSparseFileWithoutAnyHoleIsAnOrdinaryOne() throws Exception {
    byte[] tar =
        new TarBuilder()
            .raw(
                pax(
                    TarBuilder.record("GNU.sparse.size", "4196")
                        + TarBuilder.record("GNU.sparse.map", "0,4096,4096,100")))
            .raw(TarBuilder.header(entry('0', "f").size(4196)))
            .raw(stored())
            .end();
    try (LayerFixture layer = LayerFixture.of(scratch, tar)) {
      assertThat(layer.reader().content(layer.file("f"))).isEqualTo(concat(FIRST, SECOND, 0, 100));
    }
  }

  private void check(TarBuilder tar) throws Exception {
    byte[] expected = new byte[SIZE];
    System.arraycopy(FIRST, 0, expected, 8192, 4096);
    System.arraycopy(SECOND, 0, expected, 20_000, 100);
    byte[] bytes = tar.add(TarBuilder.file("next", "is found")).end();
    try (LayerFixture layer = LayerFixture.of(scratch, bytes)) {
      assertThat(layer.files().keySet()).containsExactlyInAnyOrder("", "f", "next");
      assertThat(layer.reader().content(layer.file("f"))).isEqualTo(expected);
      // Blocks 2 and 4 have data; every other one is a hole.
      assertThat(layer.reader().mapped(layer.file("f")))
          .containsExactly(false, false, true, false, true, false, false, false, false, false);
      assertThat(layer.content("next")).isEqualTo("is found");
    }
  }

  private static byte[] stored() {
    return TarBuilder.padded(concat(FIRST, SECOND, 0, 100));
  }

  private static byte[] pax(String records) {
    byte[] bytes = records.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    return new TarBuilder()
        .raw(TarBuilder.header(entry('x', "pax").size(bytes.length)))
        .raw(TarBuilder.padded(bytes))
        .bytes();
  }

  private static byte[] concat(byte[] first, byte[] second, int from, int count) {
    byte[] all = Arrays.copyOf(first, first.length + count);
    System.arraycopy(second, from, all, first.length, count);
    return all;
  }
}
