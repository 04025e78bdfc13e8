package dev.hull.vm.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageDiskTest {
  private static final int SECTOR = 512;

  @TempDir Path folder;

  private Path layer(String name, int bytes, int filling) throws IOException {
    byte[] content = new byte[bytes];
    Arrays.fill(content, (byte) filling);
    return Files.write(folder.resolve(name), content);
  }

  /** Puts the disk together as QEMU does. */
  private static byte[] read(Path descriptor) throws IOException {
    ByteArrayOutputStream disk = new ByteArrayOutputStream();
    Matcher extent =
        Pattern.compile("^RW (\\d+) FLAT \"(.*)\" 0$", Pattern.MULTILINE)
            .matcher(Files.readString(descriptor));
    while (extent.find()) {
      byte[] bytes = Files.readAllBytes(Path.of(extent.group(2)));
      assertThat(bytes).hasSize(Integer.parseInt(extent.group(1)) * SECTOR);
      disk.writeBytes(bytes);
    }
    return disk.toByteArray();
  }

  @Test
  void anImageWithoutLayersIsRefused() {
    assertInvalid(List.of(), "1 to 128 layers");
  }

  @Test
  void anImageWithMoreLayersThanPartitionsIsRefused() throws IOException {
    assertInvalid(Collections.nCopies(129, layer("a", 4096, 1)), "this one has 129");
  }

  @Test
  void aLayerThatIsMissingOrCutOffIsRefusedByItsPath() throws IOException {
    assertInvalid(List.of(folder.resolve("missing")), "missing cannot be read");
    assertInvalid(List.of(layer("cut", 1000, 1)), "cut has 1000 bytes");
    assertInvalid(List.of(layer("empty", 0, 1)), "empty has 0 bytes");
    assertInvalid(List.of(Path.of("relative")), "not a usable path");
    assertInvalid(List.of(Path.of("/a\" 0\nRW 1 FLAT \"/etc/shadow")), "not a usable path");
    assertThat(folder.resolve("d.vmdk")).doesNotExist();
  }

  private void assertInvalid(List<Path> layers, String words) {
    assertThatThrownBy(() -> ImageDisk.write(folder, "d", layers))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(words);
  }

  @Test
  void partitionsAreTheLayersInTheirOrder() throws IOException {
    Path descriptor =
        ImageDisk.write(folder, "d", List.of(layer("a", 4096, 1), layer("b", 8192, 2)));
    byte[] disk = read(descriptor);

    ByteBuffer table = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
    assertPartition(table, 0, 40, 8, 1);
    assertPartition(table, 1, 48, 16, 2);
    assertThat(table.getLong(1024 + 2 * 128)).isZero();
  }

  private static void assertPartition(
      ByteBuffer disk, int index, long first, long sectors, int filling) {
    int entry = 2 * SECTOR + index * 128;
    assertThat(disk.getLong(entry + 32)).isEqualTo(first);
    assertThat(disk.getLong(entry + 40)).isEqualTo(first + sectors - 1);
    for (long i = first * SECTOR; i < (first + sectors) * SECTOR; i++) {
      assertThat(disk.get((int) i)).isEqualTo((byte) filling);
    }
  }

  @Test
  void bothHeadersHaveTheirChecksumsAndPointAtEachOther() throws IOException {
    byte[] disk = read(ImageDisk.write(folder, "d", List.of(layer("a", 4096, 1))));
    long last = disk.length / SECTOR - 1L;
    assertHeader(disk, 1, last, 2);
    assertHeader(disk, last, 1, last - 32);
    assertThat(disk[510]).isEqualTo((byte) 0x55);
    assertThat(disk[450]).isEqualTo((byte) 0xee);
  }

  private static void assertHeader(byte[] disk, long own, long other, long entries) {
    ByteBuffer header =
        ByteBuffer.wrap(disk, (int) own * SECTOR, SECTOR).slice().order(ByteOrder.LITTLE_ENDIAN);
    byte[] signature = new byte[8];
    header.get(0, signature);
    assertThat(new String(signature, StandardCharsets.US_ASCII)).isEqualTo("EFI PART");
    assertThat(header.getLong(24)).isEqualTo(own);
    assertThat(header.getLong(32)).isEqualTo(other);
    assertThat(header.getLong(72)).isEqualTo(entries);
    assertThat(header.getInt(88)).isEqualTo(crc(disk, (int) entries * SECTOR, 128 * 128));
    int sum = header.getInt(16);
    byte[] copy = new byte[92];
    header.get(0, copy);
    Arrays.fill(copy, 16, 20, (byte) 0);
    assertThat(sum).isEqualTo(crc(copy, 0, 92));
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  @Test
  void noBlankLineStandsBeforeTheFirstExtent() throws IOException {
    String text = Files.readString(ImageDisk.write(folder, "d", List.of(layer("a", 4096, 1))));
    assertThat(text.substring(0, text.indexOf("RW "))).doesNotContain("\n\n");
  }

  @Test
  void removingADiskLeavesItsLayers() throws IOException {
    Path layer = layer("a", 4096, 1);
    ImageDisk.write(folder, "d", List.of(layer));
    ImageDisk.remove(folder, "d");
    ImageDisk.remove(folder, "d");
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(layer);
    }
  }
}
