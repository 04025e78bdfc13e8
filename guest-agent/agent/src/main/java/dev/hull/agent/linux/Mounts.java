package dev.hull.agent.linux;

/** mount(2) and umount2(2). All methods throw {@link LinuxException}. */
public interface Mounts {
  long READ_ONLY = 1;
  long NO_SUID = 2;
  long NO_DEV = 4;
  long NO_EXEC = 8;
  long REMOUNT = 32;
  long NO_ATIME = 1024;
  long BIND = 4096;
  long MOVE = 8192;
  long RECURSIVE = 16384;
  long PRIVATE = 1 << 18;
  long SLAVE = 1 << 19;
  long SHARED = 1 << 20;

  int FORCE = 1;
  int DETACH = 2;

  /**
   * Mounts.
   *
   * @param source a device, a path, or any word where the type needs none
   * @param type empty for bind, move, remount and changes of propagation
   * @param flags constants of this interface, or'ed
   * @param data options of the file system, comma-separated; may be empty
   */
  void mount(String source, String target, String type, long flags, String data);

  /**
   * Shows what is mounted at {@code target} with other owners: those that a user namespace maps its
   * ids to (MOUNT_ATTR_IDMAP, Linux 5.12). The file system must be one that can.
   *
   * @param users a descriptor of the namespace
   */
  void map(String target, int users);

  /** Unmounts; {@code flags} are {@link #FORCE} and {@link #DETACH}, or'ed. */
  void unmount(String target, int flags);
}
