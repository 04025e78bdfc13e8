package dev.hull.images.erofs;

import java.util.zip.CRC32C;

/** The superblock, at byte 1024 of the image. */
record Superblock(
    long rootNid, long inodes, long blocks, long metadataBlock, boolean hasChunkedFiles) {
  private static final int OFFSET = 1024;
  private static final int MAGIC = 0xE0F5E1E2;
  private static final int COMPAT_CHECKSUM_AND_MTIME = 0x3;
  private static final int INCOMPAT_CHUNKED_FILE = 0x4;

  /** The image's whole first block. */
  byte[] block() {
    int checksum = checksum(fill(0));
    return fill(checksum).array();
  }

  private Bytes fill(int checksum) {
    Bytes out = new Bytes(BlockFile.BLOCK);
    out.zeros(OFFSET)
        .u32(MAGIC)
        .u32(checksum)
        .u32(COMPAT_CHECKSUM_AND_MTIME)
        .u8(BlockFile.BLOCK_BITS)
        .u8(0)
        .u16((int) rootNid)
        .u64(inodes)
        .u64(0) // build time: none, so that the same layer makes the same bytes
        .u32(0)
        .u32((int) blocks)
        .u32((int) metadataBlock)
        .u32(0) // no shared extended attributes
        .zeros(16) // UUID
        .zeros(16) // volume name
        .u32(hasChunkedFiles ? INCOMPAT_CHUNKED_FILE : 0);
    return out.zeros(BlockFile.BLOCK - out.length());
  }

  /** Linux's CRC32C has no final inversion, Java's has. */
  private static int checksum(Bytes block) {
    CRC32C crc = new CRC32C();
    crc.update(block.array(), OFFSET, BlockFile.BLOCK - OFFSET);
    return ~(int) crc.getValue();
  }
}
