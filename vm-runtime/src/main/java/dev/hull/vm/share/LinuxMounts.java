package dev.hull.vm.share;

import com.google.common.util.concurrent.Uninterruptibles;
import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.UserNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Mounts by open_tree(2), move_mount(2), mount_setattr(2) and umount2(2); needs CAP_SYS_ADMIN and
 * CAP_SYS_CHROOT.
 *
 * <p>Of a source a detached copy is made where it is, in the host's namespace; only to attach it,
 * and to take it away, the server's namespace has to be the caller's. So a thread goes there, and
 * no further than it must: it keeps the host's root, so that whatever it opens by a path is the
 * host's, and names places in the share by descriptors.
 */
public final class LinuxMounts implements Mounts {
  private static final long MS_PRIVATE = 1 << 18;
  private static final long MS_SLAVE = 1 << 19;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final int O_NOFOLLOW = 0x20000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 0x80000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final long MOUNT_ATTR_IDMAP = 0x100000;
  private static final int MOUNT_ATTR_BYTES = 32;
  // The same on every architecture: they are younger than the common table (Linux 5.2 and 5.12).
  private static final NativeLong SYS_OPEN_TREE = new NativeLong(428);
  private static final NativeLong SYS_MOVE_MOUNT = new NativeLong(429);
  private static final NativeLong SYS_MOUNT_SETATTR = new NativeLong(442);

  private interface LibC extends Library {
    // SAFETY: the string is copied by JNA for the call; without O_CREAT no third argument is read.
    int open(String path, int flags) throws LastErrorException;

    // SAFETY: closes a descriptor that this class opened, once.
    int close(int descriptor) throws LastErrorException;

    // SAFETY: the string ends with a zero, and lives until the call returns.
    int umount2(Pointer target, int flags) throws LastErrorException;

    // SAFETY: these four change the calling thread alone, which has unshared CLONE_FS first.
    int unshare(int flags) throws LastErrorException;

    int setns(int namespace, int kind) throws LastErrorException;

    int fchdir(int folder) throws LastErrorException;

    // SAFETY: the string as above.
    int chroot(Pointer path) throws LastErrorException;

    // SAFETY: variadic in C; integers, strings and arrays are passed as open_tree, move_mount and
    // mount_setattr want them, and live until the call returns.
    NativeLong syscall(NativeLong number, Object... arguments) throws LastErrorException;
  }

  private final LibC libc = Native.load("c", LibC.class);
  private final Memory empty = text("");
  private final Memory here = text(".");

  private static Memory text(String value) {
    byte[] bytes = Native.toByteArray(value, StandardCharsets.UTF_8);
    Memory memory = new Memory(bytes.length);
    memory.write(0, bytes, 0, bytes.length);
    return memory;
  }

  private final class Descriptor implements AutoCloseable {
    private final int number;

    Descriptor(int number) {
      this.number = number;
    }

    String path() {
      return "/proc/self/fd/" + number;
    }

    @Override
    public void close() {
      libc.close(number);
    }
  }

  private Descriptor open(String path, int flags) throws LastErrorException {
    return new Descriptor(libc.open(path, flags | O_CLOEXEC));
  }

  @Override
  public void bind(Server server, Path source, Path target, View view) throws IOException {
    try (Descriptor root = root(server);
        Descriptor point = open(root.path() + "/" + target, O_PATH | O_NOFOLLOW);
        Descriptor tree = copy(source)) {
      if (view.users().isPresent()) {
        map(tree, source, view.users().get());
      }
      long below = view.access() == Access.READ_ONLY_RECURSIVE ? MOUNT_ATTR_RDONLY : 0;
      setAttributes(tree, AT_RECURSIVE, below, view.follows() ? MS_SLAVE : MS_PRIVATE);
      if (view.access() == Access.READ_ONLY) {
        setAttributes(tree, 0, MOUNT_ATTR_RDONLY, 0);
      }
      within(
          server,
          () ->
              libc.syscall(
                  SYS_MOVE_MOUNT,
                  tree.number,
                  empty,
                  point.number,
                  empty,
                  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    } catch (LastErrorException e) {
      throw failure("bind " + source + " to " + target + " of " + server, e);
    }
  }

  /** Mounted nowhere; gone with its descriptor if it stays so. */
  private Descriptor copy(Path source) throws LastErrorException {
    return new Descriptor(
        libc.syscall(
                SYS_OPEN_TREE,
                AT_FDCWD,
                source.toString(),
                OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)
            .intValue());
  }

  private void map(Descriptor tree, Path source, UserNamespace users) throws IOException {
    try (HostUserNamespace namespace = HostUserNamespace.of(users);
        Descriptor file = open(namespace.file().toString(), 0)) {
      setAttributes(tree, AT_RECURSIVE, new long[] {MOUNT_ATTR_IDMAP, 0, 0, file.number});
    } catch (LastErrorException e) {
      throw new IOException(
          "the file system of %s, or one mounted in it, cannot show other owners, which a pod with a user namespace needs (errno %d); keep the volume on ext4, xfs, btrfs or tmpfs, or leave the pod its host's users"
              .formatted(source, e.getErrorCode()),
          e);
    }
  }

  private void setAttributes(Descriptor tree, int flags, long set, long propagation)
      throws LastErrorException {
    setAttributes(tree, flags, new long[] {set, 0, propagation, 0});
  }

  /**
   * @param attributes struct mount_attr: attr_set, attr_clr, propagation, userns_fd; each 64 bits
   */
  private void setAttributes(Descriptor tree, int flags, long[] attributes)
      throws LastErrorException {
    libc.syscall(
        SYS_MOUNT_SETATTR,
        tree.number,
        "",
        AT_EMPTY_PATH | flags,
        attributes,
        new NativeLong(MOUNT_ATTR_BYTES));
  }

  @Override
  public void detach(Server server, Path target) throws IOException {
    try (Descriptor root = root(server);
        Memory path = text(root.path() + "/" + target)) {
      within(server, () -> libc.umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW));
    } catch (LastErrorException e) {
      throw failure("unmount " + target + " of " + server, e);
    }
  }

  /** The share as the server has it, with what is mounted in it. */
  private Descriptor root(Server server) throws LastErrorException, IOException {
    Descriptor root = open("/proc/" + server.pid() + "/root", O_PATH);
    // The id may be another process's by now. All else goes by this descriptor: the kernel attaches
    // nothing to it from another namespace than its own.
    boolean serves = false;
    try {
      serves = Files.isSameFile(Path.of(root.path()), server.folder());
    } finally {
      if (!serves) {
        root.close();
      }
    }
    if (!serves) {
      throw new IOException(server + " does not serve this folder");
    }
    return root;
  }

  /**
   * Makes calls with the server's mount namespace and the host's root. They must start no thread,
   * which would stay there and keep the namespace from ending: so neither may they wake a virtual
   * thread, for which a carrier may be started, nor let JNA copy a string, for it starts a thread
   * that frees the copy.
   */
  private void within(Server server, Runnable calls) throws LastErrorException {
    AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
    // Of its own, for a namespace cannot be entered by a thread that shares its root with others.
    Thread visitor =
        Thread.ofPlatform()
            .name("mounts-" + server.pid())
            .start(
                () -> {
                  try {
                    visit(server, calls);
                  } catch (RuntimeException e) {
                    failed.set(e);
                  }
                });
    Uninterruptibles.joinUninterruptibly(visitor);
    RuntimeException failure = failed.get();
    if (failure != null) {
      throw failure;
    }
  }

  private void visit(Server server, Runnable calls) throws LastErrorException {
    try (Descriptor root = open("/", O_PATH);
        Descriptor home = open("/proc/thread-self/ns/mnt", 0);
        Descriptor away = open("/proc/" + server.pid() + "/ns/mnt", 0)) {
      libc.unshare(CLONE_FS);
      // Once before it matters: then nothing is loaded in between, where a path would lead astray.
      stay(root);
      libc.setns(away.number, CLONE_NEWNS);
      try {
        stay(root);
        calls.run();
      } finally {
        libc.setns(home.number, CLONE_NEWNS);
        stay(root);
      }
    }
  }

  private void stay(Descriptor root) throws LastErrorException {
    libc.fchdir(root.number);
    libc.chroot(here);
  }

  @Override
  public List<Path> below(Server server, Path target) throws IOException {
    List<Path> targets = new ArrayList<>();
    Path root = Path.of("/");
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/mountinfo"))) {
        String[] fields = line.split(" ", 6);
        Path mounted = root.relativize(Path.of(unescape(fields[4])));
        if (mounted.startsWith(target)) {
          targets.add(mounted);
        }
      }
    } catch (NoSuchFileException e) {
      // It has ended, and its mounts with it.
      return List.of();
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
