package dev.hull.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

final class NativeMounts implements Mounts {
  private static final long MOUNT = 165;
  private static final long UMOUNT2 = 166;
  private static final long CLOSE = 3;
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long MOUNT_SETATTR = 442;
  private static final long AT_FDCWD = -100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long OPEN_TREE_CLONE = 1;
  private static final long OPEN_TREE_CLOEXEC = 0x80000;
  private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOUNT_ATTR_IDMAP = 0x100000;

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

  /** A copy takes the mount's place, for one that is visible already cannot be changed so. */
  @Override
  public void map(String target, int users) {
    int tree = copy(target);
    try (Arena arena = Arena.ofConfined()) {
      long empty = Libc.string(arena, "").address();
      // struct mount_attr: attr_set, attr_clr, propagation, userns_fd.
      MemorySegment attributes = arena.allocate(JAVA_LONG, 4);
      attributes.setAtIndex(JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
      attributes.setAtIndex(JAVA_LONG, 3, users);
      libc.syscall(
          "mount_setattr",
          target,
          MOUNT_SETATTR,
          tree,
          empty,
          AT_EMPTY_PATH,
          attributes.address(),
          attributes.byteSize());
      unmount(target, DETACH);
      libc.syscall(
          "move_mount",
          target,
          MOVE_MOUNT,
          tree,
          empty,
          AT_FDCWD,
          Libc.string(arena, target).address(),
          MOVE_MOUNT_F_EMPTY_PATH);
    } finally {
      libc.syscall("close", target, CLOSE, tree);
    }
  }

  private int copy(String target) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          libc.syscall(
              "open_tree",
              target,
              OPEN_TREE,
              AT_FDCWD,
              Libc.string(arena, target).address(),
              OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    }
  }
}
