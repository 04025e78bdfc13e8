package dev.hull.agent.linux;

/** A system call failed. The message names the call, what it was about, and the error. */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param call the system call: {@code mount}
   * @param subject what it was about: {@code /dev/sda on /mnt}
   */
  public LinuxException(Errno errno, String call, String subject) {
    super(call + " " + subject + ": " + errno);
    this.errno = errno.number();
  }

  public Errno errno() {
    return new Errno(errno);
  }
}
