package dev.hull.images.erofs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The image file: blocks are handed out in order, and blocks of zeros are left out, so that they
 * are holes of the file on the host (the guest does not see the difference).
 */
final class BlockFile implements AutoCloseable {
  static final int BLOCK = 4096;
  static final int BLOCK_BITS = 12;

  /** The highest number means "hole". */
  private static final long MAX_BLOCKS = 0xffff_ffffL;

  private static final byte[] ZEROS = new byte[BLOCK];

  private final FileChannel channel;
  private final byte[] buffer = new byte[64 * BLOCK];
  private long nextBlock;

  BlockFile(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  static long blocks(long bytes) {
    return (bytes >> BLOCK_BITS) + ((bytes & (BLOCK - 1)) == 0 ? 0 : 1);
  }

  long nextBlock() {
    return nextBlock;
  }

  /** Hands out consecutive blocks and returns the first. */
  long reserve(long blocks) throws IOException {
    if (blocks > MAX_BLOCKS - nextBlock) {
      throw new ImageTooLargeException();
    }
    long first = nextBlock;
    nextBlock += blocks;
    return first;
  }

  /** Copies exactly {@code length} bytes to {@code position}. */
  void copy(InputStream in, long position, long length) throws IOException {
    long done = 0;
    while (done < length) {
      int wanted = (int) Math.min(buffer.length, length - done);
      if (in.readNBytes(buffer, 0, wanted) < wanted) {
        throw new EOFException("the data of a file ends early");
      }
      write(buffer, wanted, position + done);
      done += wanted;
    }
  }

  /** Writes to a place that has not been written before. */
  void write(byte[] bytes, int length, long position) throws IOException {
    int pending = 0;
    int at = 0;
    while (at < length) {
      int step = (int) Math.min(length - at, BLOCK - ((position + at) & (BLOCK - 1)));
      if (Arrays.mismatch(bytes, at, at + step, ZEROS, 0, step) < 0) {
        writeFully(bytes, pending, at - pending, position + pending);
        pending = at + step;
      }
      at += step;
    }
    writeFully(bytes, pending, length - pending, position + pending);
  }

  private void writeFully(byte[] bytes, int offset, int length, long position) throws IOException {
    ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
    while (source.hasRemaining()) {
      channel.write(source, position + source.position() - offset);
    }
  }

  /** Makes the file as long as all blocks that were handed out. */
  void extend() throws IOException {
    long length = nextBlock << BLOCK_BITS;
    if (channel.size() < length) {
      channel.write(ByteBuffer.allocate(1), length - 1);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
