package dev.hull.guestimage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A compressed x86 kernel. The boot protocol's header says where its payload is, and the payload's
 * first bytes how it was compressed; behind the payload stands the length of what is in it.
 */
final class BzImage {
  private static final int SETUP_SECTORS = 0x1f1;
  private static final int MAGIC = 0x202;
  private static final int PROTOCOL = 0x206;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int SECTOR = 512;
  private static final int HEADER_MAGIC = 0x53726448;
  private static final int FIRST_PROTOCOL_WITH_PAYLOAD = 0x208;
  private static final int LZ4_LEGACY = 0x184c2102;
  private static final int LZ4_BLOCK = 8 << 20;
  private static final int MAX_KERNEL = 512 << 20;

  private BzImage() {}

  /** The ELF image inside. */
  static byte[] vmlinux(byte[] bzImage) throws IOException {
    byte[] payload = payload(bzImage);
    int length = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getInt(payload.length - 4);
    if (length <= 0 || length > MAX_KERNEL) {
      throw new IOException("a kernel of " + Integer.toUnsignedString(length) + " bytes");
    }
    byte[] vmlinux;
    try (InputStream in = decompress(payload)) {
      vmlinux = in.readNBytes(length);
    }
    if (vmlinux.length != length) {
      throw new IOException(
          "the kernel ends after %d of %d bytes".formatted(vmlinux.length, length));
    }
    if (length < 4 || vmlinux[0] != 0x7f || vmlinux[1] != 'E' || vmlinux[2] != 'L') {
      throw new IOException("what is in the kernel is no ELF image");
    }
    return vmlinux;
  }

  private static byte[] payload(byte[] bzImage) throws IOException {
    ByteBuffer header = ByteBuffer.wrap(bzImage).order(ByteOrder.LITTLE_ENDIAN);
    if (bzImage.length < 1024
        || header.getInt(MAGIC) != HEADER_MAGIC
        || Short.toUnsignedInt(header.getShort(PROTOCOL)) < FIRST_PROTOCOL_WITH_PAYLOAD) {
      throw new IOException("not a bzImage with a payload (boot protocol 2.08 or later)");
    }
    int sectors = Byte.toUnsignedInt(bzImage[SETUP_SECTORS]);
    long start =
        (long) (sectors == 0 ? 5 : sectors + 1) * SECTOR
            + Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET));
    long length = Integer.toUnsignedLong(header.getInt(PAYLOAD_LENGTH));
    if (length < 8 || start + length > bzImage.length) {
      throw new IOException(
          "the kernel's payload (%d bytes at %d) is not within its %d bytes"
              .formatted(length, start, bzImage.length));
    }
    byte[] payload = new byte[(int) length];
    header.get((int) start, payload);
    return payload;
  }

  private static InputStream decompress(byte[] payload) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(payload, 0, payload.length - 4);
    int magic = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    if (magic == LZ4_LEGACY) {
      return new ByteArrayInputStream(lz4(payload));
    }
    if ((magic & 0xffff) == 0x8b1f) {
      return new GZIPInputStream(in);
    }
    if (magic == 0xfd2fb528) {
      return new ZstdCompressorInputStream(in);
    }
    if (magic == 0x587a37fd) {
      return new XZInputStream(in);
    }
    throw new IOException(
        "the kernel is compressed in a way that is not known (magic 0x%08x); known are lz4, gzip, zstd, xz"
            .formatted(magic));
  }

  /** The legacy frame: after its magic, blocks of 8 MiB, each after its compressed length. */
  private static byte[] lz4(byte[] payload) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(payload, 0, payload.length - 4).order(ByteOrder.LITTLE_ENDIAN);
    ByteArrayOutputStream out = new ByteArrayOutputStream(8 * payload.length);
    in.getInt();
    while (in.remaining() >= 4) {
      int length = in.getInt();
      if (length <= 0 || length > in.remaining()) {
        throw new IOException("an lz4 block of " + Integer.toUnsignedString(length) + " bytes");
      }
      try (InputStream block =
          new BlockLZ4CompressorInputStream(
              new ByteArrayInputStream(payload, in.position(), length))) {
        byte[] bytes = block.readNBytes(LZ4_BLOCK + 1);
        if (bytes.length > LZ4_BLOCK) {
          throw new IOException("an lz4 block has more than " + LZ4_BLOCK + " bytes in it");
        }
        out.write(bytes);
      }
      in.position(in.position() + length);
    }
    return out.toByteArray();
  }
}
