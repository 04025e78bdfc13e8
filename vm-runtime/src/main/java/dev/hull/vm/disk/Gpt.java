package dev.hull.vm.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * A GUID partition table (UEFI specification, chapter 5.3) of partitions that follow each other
 * without gaps. Pure: the same sizes make the same bytes.
 */
final class Gpt {
  static final int SECTOR_BYTES = 512;

  /** The table's customary size; more partitions than this do not go on a disk. */
  static final int MAX_PARTITIONS = 128;

  private static final int ENTRY_BYTES = 128;
  private static final int ENTRY_SECTORS = MAX_PARTITIONS * ENTRY_BYTES / SECTOR_BYTES;

  /**
   * Protective MBR, header, entries, and then up to a whole page, so that EROFS blocks are aligned.
   */
  static final int HEAD_SECTORS = 40;

  /** Entries and header once more. */
  static final int TAIL_SECTORS = ENTRY_SECTORS + 1;

  private static final int HEADER_BYTES = 92;
  private static final UUID LINUX_DATA = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");

  private final List<Long> partitionSectors;
  private final long totalSectors;
  private final byte[] entries;

  /** Partition n+1 has {@code partitionSectors.get(n)} sectors. */
  Gpt(List<Long> partitionSectors) {
    this.partitionSectors = List.copyOf(partitionSectors);
    long content = partitionSectors.stream().mapToLong(Long::longValue).sum();
    this.totalSectors = HEAD_SECTORS + content + TAIL_SECTORS;
    this.entries = entries();
  }

  /** What stands before the first partition. */
  byte[] head() {
    byte[] head = new byte[HEAD_SECTORS * SECTOR_BYTES];
    view(head).put(protectiveMbr()).put(header(1, totalSectors - 1, 2)).put(entries);
    return head;
  }

  /** What stands behind the last. */
  byte[] tail() {
    byte[] tail = new byte[TAIL_SECTORS * SECTOR_BYTES];
    view(tail).put(entries).put(header(totalSectors - 1, 1, totalSectors - TAIL_SECTORS));
    return tail;
  }

  private byte[] protectiveMbr() {
    byte[] bytes = new byte[SECTOR_BYTES];
    ByteBuffer mbr = view(bytes);
    mbr.position(446);
    mbr.put((byte) 0).put(new byte[] {0, 2, 0}).put((byte) 0xee).put(new byte[] {-1, -1, -1});
    mbr.putInt(1).putInt((int) Math.min(totalSectors - 1, 0xffffffffL));
    mbr.putShort(510, (short) 0xaa55);
    return bytes;
  }

  private byte[] header(long own, long other, long entriesAt) {
    byte[] bytes = new byte[SECTOR_BYTES];
    ByteBuffer header = view(bytes);
    header.put("EFI PART".getBytes(StandardCharsets.US_ASCII)).putInt(0x00010000);
    header.putInt(HEADER_BYTES).putInt(0).putInt(0);
    header.putLong(own).putLong(other);
    header.putLong(HEAD_SECTORS).putLong(totalSectors - TAIL_SECTORS - 1);
    put(header, uuid("disk"));
    header
        .putLong(entriesAt)
        .putInt(MAX_PARTITIONS)
        .putInt(ENTRY_BYTES)
        .putInt(crc(entries, entries.length));
    header.putInt(16, crc(bytes, HEADER_BYTES));
    return bytes;
  }

  private byte[] entries() {
    byte[] bytes = new byte[ENTRY_SECTORS * SECTOR_BYTES];
    ByteBuffer all = view(bytes);
    long first = HEAD_SECTORS;
    for (int i = 0; i < partitionSectors.size(); i++) {
      all.position(i * ENTRY_BYTES);
      put(all, LINUX_DATA);
      put(all, uuid("partition " + i));
      all.putLong(first).putLong(first + partitionSectors.get(i) - 1).putLong(0);
      all.put(("layer " + (i + 1)).getBytes(StandardCharsets.UTF_16LE));
      first += partitionSectors.get(i);
    }
    return bytes;
  }

  /**
   * Unique among what one guest sees is enough, and it must not change from one making to the next.
   */
  private UUID uuid(String what) {
    return UUID.nameUUIDFromBytes(
        ("hull " + partitionSectors + " " + what).getBytes(StandardCharsets.UTF_8));
  }

  /** The first three fields of a GUID are little-endian, the rest is as written. */
  private static void put(ByteBuffer out, UUID uuid) {
    long high = uuid.getMostSignificantBits();
    out.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
    out.putLong(Long.reverseBytes(uuid.getLeastSignificantBits()));
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static ByteBuffer view(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
