package dev.hull.cri.bridge.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What is about to be appended to a log file, written before it is: two slots taken in turn, each
 * with a checksum, so that a record that was cut off leaves the one before it.
 *
 * <p>Nothing is flushed to the disk: it is there against the end of this process, which leaves the
 * page cache whole. The end of the host ends the pods too.
 */
final class WriteAhead implements AutoCloseable {
  static final int SLOT_BYTES = 64;
  private static final int MAGIC = 0x48554c31;

  private final FileChannel file;

  WriteAhead(Path path) throws IOException {
    file =
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      // Its room is taken now: on a disk that becomes full, records can still be written.
      for (long size = file.size(); size < 2 * SLOT_BYTES; size = file.size()) {
        file.write(ByteBuffer.allocate((int) (2 * SLOT_BYTES - size)), size);
      }
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /**
   * An append of {@code length} bytes to the file {@code inode} at {@code size}; done, it brings
   * the output kept from {@code offsetBefore} to {@code offsetAfter}. The partial flags say which
   * streams (1 stdout, 2 stderr) stand in the middle of a line.
   */
  record Entry(
      long sequence,
      long inode,
      long size,
      int length,
      long offsetBefore,
      long offsetAfter,
      int partialBefore,
      int partialAfter) {}

  void write(Entry entry) throws IOException {
    ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
    slot.putInt(MAGIC)
        .putInt(entry.length)
        .putLong(entry.sequence)
        .putLong(entry.inode)
        .putLong(entry.size)
        .putLong(entry.offsetBefore)
        .putLong(entry.offsetAfter)
        .put((byte) entry.partialBefore)
        .put((byte) entry.partialAfter);
    slot.position(SLOT_BYTES - Integer.BYTES);
    slot.putInt(checksum(slot)).flip();
    long at = (entry.sequence & 1) * SLOT_BYTES;
    while (slot.hasRemaining()) {
      file.write(slot, at + slot.position());
    }
  }

  /** The last record that is whole. */
  Optional<Entry> latest() throws IOException {
    Optional<Entry> first = read(0);
    Optional<Entry> second = read(SLOT_BYTES);
    if (first.isPresent() && second.isPresent()) {
      return first.get().sequence > second.get().sequence ? first : second;
    }
    return first.isPresent() ? first : second;
  }

  private Optional<Entry> read(long at) throws IOException {
    ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
    while (slot.hasRemaining() && file.read(slot, at + slot.position()) > 0) {
      // Reads on until the slot is full or the file ends.
    }
    if (slot.hasRemaining()
        || slot.getInt(0) != MAGIC
        || slot.getInt(SLOT_BYTES - Integer.BYTES) != checksum(slot)) {
      return Optional.empty();
    }
    slot.flip().position(Integer.BYTES);
    int length = slot.getInt();
    return Optional.of(
        new Entry(
            slot.getLong(),
            slot.getLong(),
            slot.getLong(),
            length,
            slot.getLong(),
            slot.getLong(),
            slot.get(),
            slot.get()));
  }

  private static int checksum(ByteBuffer slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot.duplicate().limit(SLOT_BYTES - Integer.BYTES).position(0));
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException _) {
      // Every record was written in full before it was relied on.
      return;
    }
  }
}
