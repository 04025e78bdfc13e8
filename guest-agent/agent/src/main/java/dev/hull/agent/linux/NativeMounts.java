package dev.hull.agent.linux;

import java.lang.foreign.Arena;

final class NativeMounts implements Mounts {
  private static final long MOUNT = 165;
  private static final long UMOUNT2 = 166;

  private final Libc libc;

  NativeMounts(Libc libc) {
    this.libc = libc;
  }

  @Override
  public void mount(String source, String target, String type, long flags, String data) {
    try (Arena arena = Arena.ofConfined()) {
      libc.uninterrupted(
          "mount",
          source + " on " + target + (type.isEmpty() ? "" : " as " + type),
          MOUNT,
          Libc.string(arena, source).address(),
          Libc.string(arena, target).address(),
          type.isEmpty() ? 0 : Libc.string(arena, type).address(),
          flags,
          data.isEmpty() ? 0 : Libc.string(arena, data).address());
    }
  }

  @Override
  public void unmount(String target, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      libc.uninterrupted("umount", target, UMOUNT2, Libc.string(arena, target).address(), flags);
    }
  }
}
