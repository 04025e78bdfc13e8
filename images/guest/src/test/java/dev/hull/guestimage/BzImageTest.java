package dev.hull.guestimage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class BzImageTest {
  private static final int SETUP_SECTORS = 3;
  private static final int PAYLOAD_OFFSET = 100;
  private static final int BLOCK = 64 << 10;

  private final byte[] vmlinux = elf(150_000);

  /** Larger than one lz4 block, half of it random. */
  private static byte[] elf(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    Arrays.fill(bytes, length / 4, length / 2, (byte) 7);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0x464c457f);
    return bytes;
  }

  private interface Compressor {
    OutputStream over(OutputStream out) throws IOException;
  }

  private byte[] compressed(Compressor compressor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressing = compressor.over(out)) {
      compressing.write(vmlinux);
    }
    return out.toByteArray();
  }

  private byte[] lz4() throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(new byte[] {0x02, 0x21, 0x4c, 0x18});
    for (int start = 0; start < vmlinux.length; start += BLOCK) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      try (OutputStream out = new BlockLZ4CompressorOutputStream(block)) {
        out.write(vmlinux, start, Math.min(BLOCK, vmlinux.length - start));
      }
      frame.write(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(block.size()).array());
      block.writeTo(frame);
    }
    return frame.toByteArray();
  }

  private byte[] bzImage(byte[] payload) {
    int start = (SETUP_SECTORS + 1) * 512 + PAYLOAD_OFFSET;
    ByteBuffer image =
        ByteBuffer.allocate(start + payload.length + 4 + 64).order(ByteOrder.LITTLE_ENDIAN);
    image.put(0x1f1, (byte) SETUP_SECTORS);
    image.putInt(0x202, 0x53726448);
    image.putShort(0x206, (short) 0x20f);
    image.putInt(0x248, PAYLOAD_OFFSET);
    image.putInt(0x24c, payload.length + 4);
    image.put(start, payload);
    image.putInt(start + payload.length, vmlinux.length);
    return image.array();
  }

  @Test
  void anLz4KernelOfSeveralBlocksIsUnpacked() throws IOException {
    assertThat(BzImage.vmlinux(bzImage(lz4()))).isEqualTo(vmlinux);
  }

  @Test
  void gzipXzAndZstdKernelsAreUnpacked() throws IOException {
    assertThat(BzImage.vmlinux(bzImage(compressed(GZIPOutputStream::new)))).isEqualTo(vmlinux);
    assertThat(
            BzImage.vmlinux(
                bzImage(compressed(out -> new XZOutputStream(out, new LZMA2Options(0))))))
        .isEqualTo(vmlinux);
    assertThat(BzImage.vmlinux(bzImage(compressed(ZstdCompressorOutputStream::new))))
        .isEqualTo(vmlinux);
  }

  @Test
  void anUnknownCompressionIsNamed() {
    assertThatThrownBy(() -> BzImage.vmlinux(bzImage(new byte[] {'B', 'Z', 'h', '9'})))
        .hasMessageContaining("magic 0x39685a42");
  }

  @Test
  void aPayloadThatEndsEarlyIsRefused() throws IOException {
    byte[] image = bzImage(lz4());
    ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(0x24c, image.length);

    assertThatThrownBy(() -> BzImage.vmlinux(image)).hasMessageContaining("is not within its");
  }

  @Test
  void whatIsNoKernelIsRefused() {
    assertThatThrownBy(() -> BzImage.vmlinux(new byte[4096]))
        .hasMessage("not a bzImage with a payload (boot protocol 2.08 or later)");
  }
}
