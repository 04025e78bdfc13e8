package dev.hull.vm.acceleration;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The smallest userspace: an initramfs whose init says one line on the console and then does one
 * thing. It needs nothing of the guest image but its kernel (x86-64).
 */
public final class TinyGuest {
  /** What init does after its line. */
  public enum Deed {
    POWER_OFF,
    REBOOT,
    /** Stays there and does nothing. */
    IDLE,
    /** Says the line again and again, as fast as it can. */
    FLOOD,
    /** Exits, which no init may: the kernel panics. */
    EXIT
  }

  private static final long LOAD_ADDRESS = 0x400000;
  private static final int ELF_HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int CODE_OFFSET = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;

  private TinyGuest() {}

  /** An uncompressed cpio archive (format newc) with init and a console for it. */
  public static byte[] initramfs(String line, Deed deed) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    entry(archive, "dev", 0040755, new byte[0], 0, 0);
    entry(archive, "dev/console", 0020600, new byte[0], 5, 1);
    entry(archive, "init", 0100755, program(line, deed), 0, 0);
    entry(archive, "TRAILER!!!", 0, new byte[0], 0, 0);
    return archive.toByteArray();
  }

  private static void entry(
      ByteArrayOutputStream archive, String name, int mode, byte[] data, int major, int minor) {
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    StringBuilder header = new StringBuilder("070701");
    int[] fields = {
      archive.size() + 1, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, nameBytes.length, 0
    };
    for (int field : fields) {
      header.append("%08x".formatted(field).toUpperCase(Locale.ROOT));
    }
    archive.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    archive.writeBytes(nameBytes);
    pad(archive);
    archive.writeBytes(data);
    pad(archive);
  }

  private static void pad(ByteArrayOutputStream archive) {
    while (archive.size() % 4 != 0) {
      archive.write(0);
    }
  }

  /** A static ELF program of one segment: header, code, and the line. */
  private static byte[] program(String line, Deed deed) {
    byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
    // The code's length does not depend on the address that is in it.
    int codeLength = code(0, text.length, deed).length;
    byte[] code = code(LOAD_ADDRESS + CODE_OFFSET + codeLength, text.length, deed);
    int size = CODE_OFFSET + code.length + text.length;
    ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    elf.putShort((short) 2).putShort((short) 62).putInt(1);
    elf.putLong(LOAD_ADDRESS + CODE_OFFSET).putLong(ELF_HEADER_BYTES).putLong(0).putInt(0);
    elf.putShort((short) ELF_HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES);
    elf.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);
    // PT_LOAD, readable and executable.
    elf.putInt(1).putInt(5).putLong(0).putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
    elf.putLong(size).putLong(size).putLong(0x1000);
    elf.put(code).put(text);
    return elf.array();
  }

  private static byte[] code(long textAddress, int textLength, Deed deed) {
    ByteBuffer code = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    syscall(code, 1, 1, (int) textAddress, textLength, 0);
    switch (deed) {
      case POWER_OFF -> reboot(code, 0x4321fedc);
      case REBOOT -> reboot(code, 0x01234567);
      case IDLE -> syscall(code, 34, 0, 0, 0, 0);
      case FLOOD -> {}
      case EXIT -> syscall(code, 60, 3, 0, 0, 0);
    }
    // jmp to the first instruction
    code.put((byte) 0xe9).putInt(-(code.position() + 4));
    byte[] bytes = new byte[code.position()];
    code.flip().get(bytes);
    return bytes;
  }

  /** reboot(2) wants two magic numbers. */
  private static void reboot(ByteBuffer code, int command) {
    syscall(code, 169, 0xfee1dead, 672274793, command, 0);
  }

  /** mov edi/esi/edx/r10d/eax, immediate; syscall. */
  private static void syscall(ByteBuffer code, int number, int a, int b, int c, int d) {
    code.put((byte) 0xbf).putInt(a);
    code.put((byte) 0xbe).putInt(b);
    code.put((byte) 0xba).putInt(c);
    code.put((byte) 0x41).put((byte) 0xba).putInt(d);
    code.put((byte) 0xb8).putInt(number);
    code.put((byte) 0x0f).put((byte) 0x05);
  }
}
