package dev.hull.agent.linux;

/** An error number of Linux on x86-64. Numbers that have no constant here are kept as they are. */
public record Errno(int number) {
  public static final Errno EPERM = new Errno(1);
  public static final Errno ENOENT = new Errno(2);
  public static final Errno ESRCH = new Errno(3);
  public static final Errno EINTR = new Errno(4);
  public static final Errno EIO = new Errno(5);
  public static final Errno ENXIO = new Errno(6);
  public static final Errno ENOEXEC = new Errno(8);
  public static final Errno EBADF = new Errno(9);
  public static final Errno ECHILD = new Errno(10);
  public static final Errno EAGAIN = new Errno(11);
  public static final Errno ENOMEM = new Errno(12);
  public static final Errno EACCES = new Errno(13);
  public static final Errno EBUSY = new Errno(16);
  public static final Errno EEXIST = new Errno(17);
  public static final Errno ENODEV = new Errno(19);
  public static final Errno ENOTDIR = new Errno(20);
  public static final Errno EINVAL = new Errno(22);
  public static final Errno ENOSPC = new Errno(28);
  public static final Errno EROFS = new Errno(30);
  public static final Errno EPIPE = new Errno(32);
  public static final Errno ENOTEMPTY = new Errno(39);
  public static final Errno ELOOP = new Errno(40);
  public static final Errno ENETUNREACH = new Errno(101);
  public static final Errno ENOTSUP = new Errno(95);

  /** The name where it is known, and the number: {@code ENOENT (2)}. */
  @Override
  public String toString() {
    String name =
        switch (number) {
          case 1 -> "EPERM, not permitted";
          case 2 -> "ENOENT, no such file or directory";
          case 3 -> "ESRCH, no such process";
          case 4 -> "EINTR, interrupted";
          case 5 -> "EIO, input/output error";
          case 6 -> "ENXIO, no such device or address";
          case 8 -> "ENOEXEC, not an executable format";
          case 9 -> "EBADF, bad file descriptor";
          case 10 -> "ECHILD, no such child";
          case 11 -> "EAGAIN, not now";
          case 12 -> "ENOMEM, out of memory";
          case 13 -> "EACCES, permission denied";
          case 16 -> "EBUSY, busy";
          case 17 -> "EEXIST, exists";
          case 19 -> "ENODEV, no such device";
          case 20 -> "ENOTDIR, not a directory";
          case 22 -> "EINVAL, invalid argument";
          case 28 -> "ENOSPC, no space left";
          case 30 -> "EROFS, read-only file system";
          case 32 -> "EPIPE, nobody reads";
          case 39 -> "ENOTEMPTY, directory not empty";
          case 40 -> "ELOOP, too many symbolic links";
          case 95 -> "ENOTSUP, not supported";
          case 101 -> "ENETUNREACH, network unreachable";
          default -> "errno";
        };
    return name + " (" + number + ")";
  }
}
