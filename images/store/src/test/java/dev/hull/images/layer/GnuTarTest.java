package dev.hull.images.layer;

import static dev.hull.images.layer.TarBuilder.directory;
import static dev.hull.images.layer.TarBuilder.entry;
import static dev.hull.images.layer.TarBuilder.file;
import static dev.hull.images.layer.TarBuilder.hardLink;
import static dev.hull.images.layer.TarBuilder.symlink;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The image of a layer against what {@code tar -x} makes of it. What Linux sees in a mounted image
 * is a whole-system test's, for a guest has a kernel that mounts it.
 */
class GnuTarTest {
  private static final String CAPABILITY =
      "\u0001\u0000\u0000\u0002\u0000\u0004\u0000\u0000\u0000\u0000\u0000\u0000"
          + "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000";

  @TempDir Path scratch;
  private Programs programs;
  private Path unpacked;

  @BeforeEach
  void unpack() throws Exception {
    programs = new Programs(scratch);
    unpacked = Files.createDirectory(scratch.resolve("unpacked"));
    Path tar = scratch.resolve("layer.tar");
    Files.write(tar, layer());
    programs.run(
        "tar", "--xattrs", "--xattrs-include=*", "-C", unpacked.toString(), "-xpf", tar.toString());
    try (FileChannel sparse =
        FileChannel.open(
            unpacked.resolve("sparse"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      sparse.write(ByteBuffer.wrap(LayerTranscoderTest.pattern(4096)), 1 << 20);
      sparse.write(ByteBuffer.wrap(LayerTranscoderTest.pattern(10_000)), (3 << 20) + 100);
      sparse.write(ByteBuffer.wrap(new byte[1]), 5 << 20);
    }
  }

  private static byte[] layer() {
    return TarBuilder.tar(
        directory("./").mode(0755).pax("mtime", "1500000000.5"),
        directory("dir").mode(02775).owner(0, 50).pax("SCHILY.xattr.user.on", "a directory"),
        file("dir/file", "content").mode(04755).owner(1000, 1001).pax("mtime", "1.000000001"),
        hardLink("dir/hard", "dir/file"),
        hardLink("hard", "dir/file"),
        symlink("dir/link", "../nowhere").pax("mtime", "1234567890.987654321"),
        hardLink("link2", "dir/link"),
        entry('3', "null").device(1, 3),
        entry('4', "disk").device(8, 300),
        entry('6', "fifo").mode(0622),
        // One attribute each, for tar writes several in the order in which a file system lists
        // them.
        file("capable", "x").pax("SCHILY.xattr.security.capability", CAPABILITY),
        file("trusted", "x").pax("SCHILY.xattr.trusted.t", "\u0000\u00ff"),
        file("user", "x").pax("SCHILY.xattr.user.long", "v".repeat(1000)),
        entry('0', "big").data(LayerTranscoderTest.pattern(100_001)).pax("mtime", "-77.25"),
        file("long/" + "d/".repeat(40) + "n".repeat(200), "long name"),
        file("dir/\u00e4\u00ff", "not UTF-8"));
  }

  @Test
  void erofsUtilsExtractsTheSameAsTarMakesOfTheLayer() throws Exception {
    // fsck.erofs makes copies of hard links, and loses set-user-ID bits by a late chown.
    String[] asExtracted = {"--hard-dereference", "--mode=u-s"};
    Path tar = pack("posix", asExtracted);
    Path extracted = scratch.resolve("extracted");
    programs.extract(LayerFixture.image(scratch, Files.readAllBytes(pack("posix"))), extracted);
    assertThat(Files.mismatch(tar, pack(extracted, "posix", asExtracted))).isEqualTo(-1);
  }

  /** Every format that GNU tar writes, as far as each goes. */
  @ParameterizedTest
  @CsvSource({
    "posix,--sparse-version=1.0",
    "posix,--sparse-version=0.1",
    "posix,--sparse-version=0.0",
    "gnu,-S"
  })
  void everyFormatOfGnuTarMakesTheSameImage(String format, String sparse) throws Exception {
    Path tar = pack(format, "-S", sparse);
    try (LayerFixture layer = LayerFixture.of(scratch, Files.readAllBytes(tar))) {
      assertThat(layer.files()).hasSize(58);
      ErofsReader.File file = layer.file("sparse");
      boolean[] expected = new boolean[5 * 256 + 1];
      Arrays.fill(expected, 256, 257, true);
      Arrays.fill(expected, 3 * 256, 3 * 256 + 3, true);
      expected[5 * 256] = true;
      assertThat(layer.reader().mapped(file)).isEqualTo(expected);
      assertThat(layer.reader().data(file, (3 << 20) + 100, 10_000))
          .isEqualTo(LayerTranscoderTest.pattern(10_000));
      assertThat(layer.file("hard").links()).isEqualTo(3);
      assertThat(layer.file("link2").links()).isEqualTo(2);
      assertThat(layer.content("long/" + "d/".repeat(40) + "n".repeat(200))).isEqualTo("long name");
      assertThat(layer.file("capable").xattrs()).isEqualTo(Map.of());
    }
  }

  @ParameterizedTest
  @CsvSource({"ustar", "v7", "oldgnu"})
  void olderFormatsAreRead(String format) throws Exception {
    programs.run(
        "rm", "-r", unpacked.resolve("long").toString(), unpacked.resolve("sparse").toString());
    if (format.equals("v7")) {
      for (String name : List.of("null", "disk", "fifo")) {
        Files.delete(unpacked.resolve(name));
      }
    }
    Files.setLastModifiedTime(unpacked.resolve("big"), FileTime.fromMillis(0));
    try (LayerFixture layer = LayerFixture.of(scratch, Files.readAllBytes(pack(format)))) {
      assertThat(layer.content("dir/file")).isEqualTo("content");
      assertThat(layer.file("dir/file").mode()).isEqualTo(0104755);
      assertThat(layer.file("dir").mode()).isEqualTo(0042775);
      assertThat(layer.reader().content(layer.file("big")))
          .isEqualTo(LayerTranscoderTest.pattern(100_001));
    }
  }

  private Path pack(String format, String... options) throws Exception {
    return pack(unpacked, format, options);
  }

  private Path pack(Path folder, String format, String... options) throws Exception {
    Path tar = Files.createTempFile(scratch, "packed-", ".tar");
    List<String> command =
        new ArrayList<>(List.of("tar", "--format=" + format, "--sort=name", "--numeric-owner"));
    if (format.equals("posix")) {
      command.add("--pax-option=delete=atime,delete=ctime,exthdr.name=%d/%f");
    }
    command.addAll(List.of(options));
    command.addAll(List.of("-C", folder.toString(), "-cf", tar.toString(), "."));
    programs.run(command.toArray(String[]::new));
    return tar;
  }
}
