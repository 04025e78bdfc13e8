package dev.hull.images.erofs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes one EROFS image: first the data of files, as it comes; then, with {@link #finish}, the
 * tree.
 *
 * <pre>{@code
 * try (ErofsWriter writer = new ErofsWriter(image, scratch)) {
 *   Directory root = new Directory(Attributes.ofRoot(0755));
 *   root.put("motd", writer.file(Attributes.ofRoot(0644), 6, in));
 *   writer.finish(root);
 * }
 * }</pre>
 *
 * <p>Not for several threads at once. The same calls make the same bytes.
 */
public final class ErofsWriter implements AutoCloseable {
  private final BlockFile file;
  private final TailSpool tails;
  private final byte[] tail = new byte[BlockFile.BLOCK];
  private boolean hasChunkedFiles;

  /**
   * @param image a file that does not exist yet
   * @param scratchFolder for a temporary file, which is gone after {@link #close}
   */
  @SuppressWarnings("MustBeClosedChecker") // close() closes both
  public ErofsWriter(Path image, Path scratchFolder) throws IOException {
    tails = new TailSpool(scratchFolder);
    try {
      file = new BlockFile(image);
    } catch (IOException e) {
      tails.close();
      throw e;
    }
    file.reserve(1); // the superblock
  }

  /**
   * Takes a file's data.
   *
   * @throws EOFException if the data ends before {@code size}
   * @throws ImageTooLargeException if it does not fit
   */
  public RegularFile file(Attributes attributes, long size, InputStream data) throws IOException {
    int rest = (int) (size & (BlockFile.BLOCK - 1));
    boolean inline = Inode.fitsInline(attributes, rest);
    long consecutive = inline ? size - rest : size;
    long first = consecutive == 0 ? 0 : file.reserve(BlockFile.blocks(consecutive));
    file.copy(data, first << BlockFile.BLOCK_BITS, consecutive);
    if (!inline) {
      return new RegularFile(attributes, size, new RegularFile.Flat(first, null));
    }
    if (data.readNBytes(tail, 0, rest) < rest) {
      throw new EOFException("the data of a file ends early");
    }
    return new RegularFile(attributes, size, new RegularFile.Flat(first, tails.add(tail, rest)));
  }

  /**
   * Takes a sparse file's data: the bytes of its extents, one after the other. Blocks that no
   * extent touches become holes.
   *
   * @param extents ascending, not overlapping, within {@code size}
   */
  public RegularFile sparseFile(
      Attributes attributes, long size, List<Extent> extents, InputStream data) throws IOException {
    requireAscending(size, extents);
    if (size == 0) {
      return new RegularFile(attributes, 0, new RegularFile.Flat(0, null));
    }
    ChunkMap map = ChunkMap.allocate(size, extents, file);
    ChunkMap.Cursor cursor = map.new Cursor();
    for (Extent extent : extents) {
      if (extent.length() > 0) {
        file.copy(data, cursor.position(extent), extent.length());
      }
    }
    if (!map.hasHoles()) {
      return new RegularFile(attributes, size, new RegularFile.Flat(map.firstBlock(), null));
    }
    hasChunkedFiles = true;
    return new RegularFile(attributes, size, new RegularFile.Chunked(map));
  }

  private static void requireAscending(long size, List<Extent> extents) {
    long end = 0;
    for (Extent extent : extents) {
      if (extent.offset() < end || extent.end() > size) {
        throw new IllegalArgumentException("extents overlap, or leave the file");
      }
      end = extent.end();
    }
  }

  /**
   * Writes the tree and the superblock; nothing else may be called after it. The length of the
   * image is then a multiple of 4096.
   */
  public void finish(Directory root) throws IOException {
    Superblock superblock = new MetadataWriter(file, tails, root).write(hasChunkedFiles);
    byte[] block = superblock.block();
    file.write(block, block.length, 0);
    file.extend();
  }

  @Override
  public void close() throws IOException {
    try (file) {
      tails.close();
    }
  }
}
