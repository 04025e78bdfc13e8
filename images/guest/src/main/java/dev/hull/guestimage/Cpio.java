package dev.hull.guestimage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** An initramfs: the "newc" cpio format of the kernel's initramfs buffer format. */
public final class Cpio implements AutoCloseable {
  private static final int DIRECTORY = 0040000;
  private static final int FILE = 0100000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int ALIGNMENT = 4;

  private final OutputStream out;
  private long position;
  private int inode = 1;

  public Cpio(OutputStream out) {
    this.out = out;
  }

  /** Parents come before what is in them. */
  public void directory(String name, int permissions) throws IOException {
    entry(name, DIRECTORY | permissions, 0, 0, new byte[0]);
  }

  public void file(String name, int permissions, byte[] content) throws IOException {
    entry(name, FILE | permissions, 0, 0, content);
  }

  public void characterDevice(String name, int permissions, int major, int minor)
      throws IOException {
    entry(name, CHARACTER_DEVICE | permissions, major, minor, new byte[0]);
  }

  /** Writes the trailer and closes the stream. */
  @Override
  public void close() throws IOException {
    entry("TRAILER!!!", 0, 0, 0, new byte[0]);
    out.close();
  }

  private void entry(String name, int mode, int major, int minor, byte[] content)
      throws IOException {
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int[] fields = {
      inode++, // inode
      mode,
      0, // uid
      0, // gid
      1, // links
      0, // mtime
      content.length,
      0, // device
      0,
      major,
      minor,
      nameBytes.length,
      0, // checksum, unused in this format
    };
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append("%08X".formatted(field));
    }
    write(header.toString().getBytes(StandardCharsets.US_ASCII));
    write(nameBytes);
    pad();
    write(content);
    pad();
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
  }

  private void pad() throws IOException {
    write(new byte[(int) (-position & (ALIGNMENT - 1))]);
  }
}
