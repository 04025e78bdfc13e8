package dev.hull.vm.share;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import dev.hull.vm.ContainerSpec.Mount.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mounts by mount(2), umount2(2) and mount_setattr(2); needs CAP_SYS_ADMIN. */
public final class LinuxMounts implements Mounts {
  private static final long MS_REC = 16384;
  private static final long MS_PRIVATE = 1 << 18;
  private static final long MS_SLAVE = 1 << 19;
  private static final long MS_SHARED = 1 << 20;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 0x80000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final int MOUNT_ATTR_BYTES = 32;
  // The same on every architecture: they are younger than the common table (Linux 5.2 and 5.12).
  private static final NativeLong SYS_OPEN_TREE = new NativeLong(428);
  private static final NativeLong SYS_MOVE_MOUNT = new NativeLong(429);
  private static final NativeLong SYS_MOUNT_SETATTR = new NativeLong(442);

  private interface LibC extends Library {
    // SAFETY: strings are copied by JNA for the call; null is allowed for type and data here.
    int mount(
        String source,
        String target,
        @Nullable String type,
        NativeLong flags,
        @Nullable Pointer data)
        throws LastErrorException;

    // SAFETY: the string is copied by JNA for the call.
    int umount2(String target, int flags) throws LastErrorException;

    // SAFETY: closes a descriptor that this class opened, once.
    int close(int descriptor) throws LastErrorException;

    // SAFETY: variadic in C; integers, strings and arrays are passed as open_tree, move_mount and
    // mount_setattr want them, and live until the call returns.
    NativeLong syscall(NativeLong number, Object... arguments) throws LastErrorException;
  }

  private final LibC libc = Native.load("c", LibC.class);

  @Override
  public void bind(Path source, Path target, Access access, boolean follows) throws IOException {
    try {
      int tree =
          libc.syscall(
                  SYS_OPEN_TREE,
                  AT_FDCWD,
                  source.toString(),
                  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)
              .intValue();
      try {
        long below = access == Access.READ_ONLY_RECURSIVE ? MOUNT_ATTR_RDONLY : 0;
        setAttributes(tree, AT_RECURSIVE, below, follows ? MS_SLAVE : MS_PRIVATE);
        if (access == Access.READ_ONLY) {
          setAttributes(tree, 0, MOUNT_ATTR_RDONLY, 0);
        }
        libc.syscall(
            SYS_MOVE_MOUNT, tree, "", AT_FDCWD, target.toString(), MOVE_MOUNT_F_EMPTY_PATH);
      } finally {
        libc.close(tree);
      }
    } catch (LastErrorException e) {
      throw failure("bind " + source + " to " + target, e);
    }
  }

  private void setAttributes(int tree, int flags, long set, long propagation)
      throws LastErrorException {
    // struct mount_attr: attr_set, attr_clr, propagation, userns_fd; each 64 bits.
    long[] attributes = {set, 0, propagation, 0};
    libc.syscall(
        SYS_MOUNT_SETATTR,
        tree,
        "",
        AT_EMPTY_PATH | flags,
        attributes,
        new NativeLong(MOUNT_ATTR_BYTES));
  }

  @Override
  public void makeShared(Path target) throws IOException {
    try {
      libc.mount(
          target.toString(), target.toString(), null, new NativeLong(MS_SHARED | MS_REC), null);
    } catch (LastErrorException e) {
      throw failure("make " + target + " a shared mount", e);
    }
  }

  @Override
  public void detach(Path target) throws IOException {
    try {
      libc.umount2(target.toString(), MNT_DETACH | UMOUNT_NOFOLLOW);
    } catch (LastErrorException e) {
      throw failure("unmount " + target, e);
    }
  }

  @Override
  public List<Path> below(Path folder) throws IOException {
    List<Path> targets = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      String[] fields = line.split(" ", 6);
      Path target = Path.of(unescape(fields[4]));
      if (target.startsWith(folder)) {
        targets.add(target);
      }
    }
    return targets;
  }

  /** Spaces and the like are written as a backslash and three octal digits (proc(5)). */
  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && i + 3 < text.length()) {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }

  private static IOException failure(String what, LastErrorException e) {
    return new IOException("cannot " + what + ": errno " + e.getErrorCode(), e);
  }
}
