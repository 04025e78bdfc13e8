package dev.hull.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The machine-wide calls. */
final class NativeSystem implements Power, Clock, Hostname {
  private static final long SYNC = 162;
  private static final long REBOOT = 169;
  private static final long SETHOSTNAME = 170;
  private static final long CLOCK_SETTIME = 227;
  private static final long CLOCK_GETTIME = 228;
  private static final long CLOCK_REALTIME = 0;
  private static final long CLOCK_BOOTTIME = 7;
  private static final long REBOOT_MAGIC_1 = 0xfee1deadL;
  private static final long REBOOT_MAGIC_2 = 672274793L;
  private static final long REBOOT_POWER_OFF = 0x4321fedcL;
  private static final int NAME_BYTES = 64;

  private final Libc libc;

  NativeSystem(Libc libc) {
    this.libc = libc;
  }

  @Override
  public void sync() {
    libc.syscall("sync", "all file systems", SYNC);
  }

  @Override
  public void powerOff() {
    libc.syscall(
        "reboot", "to power off", REBOOT, REBOOT_MAGIC_1, REBOOT_MAGIC_2, REBOOT_POWER_OFF, 0);
  }

  @Override
  public void setRealtime(Instant now) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timespec = arena.allocate(JAVA_LONG, 2);
      timespec.setAtIndex(JAVA_LONG, 0, now.getEpochSecond());
      timespec.setAtIndex(JAVA_LONG, 1, now.getNano());
      libc.syscall("clock_settime", "to " + now, CLOCK_SETTIME, CLOCK_REALTIME, timespec.address());
    }
  }

  @Override
  public long bootMillis() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timespec = arena.allocate(JAVA_LONG, 2);
      libc.syscall(
          "clock_gettime", "CLOCK_BOOTTIME", CLOCK_GETTIME, CLOCK_BOOTTIME, timespec.address());
      return timespec.getAtIndex(JAVA_LONG, 0) * 1000
          + timespec.getAtIndex(JAVA_LONG, 1) / 1_000_000;
    }
  }

  @Override
  public void set(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > NAME_BYTES) {
      throw new IllegalArgumentException(
          "a hostname has 1 to " + NAME_BYTES + " bytes, this one has " + bytes.length);
    }
    try (Arena arena = Arena.ofConfined()) {
      libc.syscall(
          "sethostname", name, SETHOSTNAME, Libc.string(arena, name).address(), bytes.length);
    }
  }
}
