package dev.hull.vm.journal;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A file of records: a header with a version, then for each record its length, the CRC32C of its
 * bytes, and the bytes. Appending forces the record to the disk. A record that was torn by a crash
 * is cut off when the file is opened again; what was whole before it stays.
 */
final class RecordFile implements AutoCloseable {
  static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

  private static final long MAGIC = 0x48554c4c4a524e4cL;
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 12;
  private static final int FRAME_BYTES = 8;

  private final Path path;
  private final FileChannel channel;
  private final List<byte[]> found;
  private long end;
  private boolean broken;

  private RecordFile(Path path, FileChannel channel, List<byte[]> found, long end) {
    this.path = path;
    this.channel = channel;
    this.found = found;
    this.end = end;
  }

  /**
   * Opens or creates it. The file's name is not durable before the folder has been forced.
   *
   * @throws IOException also for a file of another version
   */
  static RecordFile open(Path folder, String name) throws IOException {
    Path path = folder.resolve(name);
    FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            // Notes and environments may hold secrets.
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      if (channel.size() < HEADER_BYTES) {
        channel.truncate(0);
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC).putInt(VERSION);
        writeFully(channel, header.flip(), 0);
        channel.force(true);
        forceFolder(folder);
        return new RecordFile(path, channel, List.of(), HEADER_BYTES);
      }
      ByteBuffer header = read(channel, 0, HEADER_BYTES);
      if (header.getLong() != MAGIC) {
        throw new IOException(path + " is not a journal");
      }
      int version = header.getInt();
      if (version != VERSION) {
        throw new IOException(
            "%s was written by another release of hull (format %d, this one reads %d)"
                .formatted(path, version, VERSION));
      }
      List<byte[]> records = new ArrayList<>();
      long end = scan(channel, records);
      channel.truncate(end);
      return new RecordFile(path, channel, List.copyOf(records), end);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns where the last whole record ends. */
  private static long scan(FileChannel channel, List<byte[]> records) throws IOException {
    long at = HEADER_BYTES;
    long size = channel.size();
    while (size - at >= FRAME_BYTES) {
      ByteBuffer frame = read(channel, at, FRAME_BYTES);
      int length = frame.getInt();
      int crc = frame.getInt();
      if (length < 0 || length > MAX_RECORD_BYTES || size - at - FRAME_BYTES < length) {
        return at;
      }
      byte[] bytes = read(channel, at + FRAME_BYTES, length).array();
      if (Hashing.crc32c().hashBytes(bytes).asInt() != crc) {
        return at;
      }
      records.add(bytes);
      at += FRAME_BYTES + length;
    }
    return at;
  }

  /** What was in it when it was opened. */
  List<byte[]> found() {
    return found;
  }

  /** On failure the file is as it was; if even that fails, it takes no more records. */
  void append(byte[] record) throws IOException {
    if (record.length > MAX_RECORD_BYTES) {
      throw new IOException(
          "a record of %d bytes is larger than %d".formatted(record.length, MAX_RECORD_BYTES));
    }
    if (broken) {
      throw new IOException(path + " could not be written before and is closed for writing");
    }
    ByteBuffer frame =
        ByteBuffer.allocate(FRAME_BYTES + record.length)
            .order(ByteOrder.BIG_ENDIAN)
            .putInt(record.length)
            .putInt(Hashing.crc32c().hashBytes(record).asInt())
            .put(record)
            .flip();
    try {
      writeFully(channel, frame, end);
      channel.force(false);
    } catch (IOException e) {
      broken = true;
      channel.truncate(end);
      channel.force(false);
      broken = false;
      throw e;
    }
    end += FRAME_BYTES + record.length;
  }

  static void forceFolder(Path folder) throws IOException {
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes, long at)
      throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, at + bytes.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
