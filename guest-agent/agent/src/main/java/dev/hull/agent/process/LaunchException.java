package dev.hull.agent.process;

import dev.hull.agent.linux.Errno;

/** A process could not be started. The message says at what, and why. */
public final class LaunchException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a caller can do about it. */
  public enum Kind {
    /** The program does not exist. */
    NOT_FOUND,
    /** The program may not be executed. */
    PERMISSION_DENIED,
    /** The request can never succeed as it is. */
    INVALID,
    /** The container that was to be entered has no processes any more. */
    GONE,
    /** It took too long. */
    DEADLINE,
    INTERNAL
  }

  private static final int STAGE_SPEC = 1;
  private static final int STAGE_NAMESPACES = 2;
  private static final int STAGE_DEVICES = 4;
  private static final int STAGE_MOUNT = 6;
  private static final int STAGE_WORKING_DIR = 8;
  private static final int STAGE_EXEC = 13;

  private final Kind kind;

  LaunchException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** From the launcher's report; the stages are those of {@code spec.h}. */
  static LaunchException reported(int stage, Errno errno, String detail) {
    return switch (stage) {
      case STAGE_EXEC -> ofProgram(errno, detail);
      case STAGE_MOUNT ->
          errno.equals(Errno.EPERM)
              ? new LaunchException(
                  Kind.INVALID,
                  "cannot mount over " + detail + ": it leads into /proc; choose another place")
              : new LaunchException(Kind.INVALID, "cannot mount over " + detail + ": " + errno);
      case STAGE_WORKING_DIR ->
          new LaunchException(
              Kind.INVALID, "cannot enter the working folder " + detail + ": " + errno);
      case STAGE_NAMESPACES ->
          errno.equals(Errno.ESRCH)
              ? new LaunchException(Kind.GONE, "the container's first process has exited")
              : other("namespaces", errno, detail);
      case STAGE_SPEC -> other("reading the specification", errno, detail);
      case 3 -> other("cgroup", errno, detail);
      case STAGE_DEVICES ->
          errno.equals(Errno.ENOENT) || errno.equals(Errno.ENODEV)
              ? new LaunchException(
                  Kind.INVALID, "the guest has no device " + detail + "; leave it out")
              : other("devices", errno, detail);
      case 5 -> other("root filesystem", errno, detail);
      case 7 -> other("terminal", errno, detail);
      case 9 -> other("resource limits", errno, detail);
      case 10 -> other("user and groups", errno, detail);
      case 11 -> other("capabilities", errno, detail);
      case 12 -> other("seccomp filter", errno, detail);
      default -> other("stage " + stage, errno, detail);
    };
  }

  private static LaunchException ofProgram(Errno errno, String program) {
    if (errno.equals(Errno.ENOENT) || errno.equals(Errno.ENOTDIR)) {
      return new LaunchException(
          Kind.NOT_FOUND,
          "cannot run "
              + program
              + ": no such program in the container, or the interpreter it names is missing;"
              + " check the command and PATH");
    }
    if (errno.equals(Errno.EACCES)) {
      return new LaunchException(
          Kind.PERMISSION_DENIED,
          "cannot run " + program + ": it is not executable by the container's user");
    }
    if (errno.equals(Errno.ENOEXEC)) {
      return new LaunchException(
          Kind.INVALID,
          "cannot run " + program + ": it is no program for this machine's architecture");
    }
    return new LaunchException(Kind.INVALID, "cannot run " + program + ": " + errno);
  }

  private static LaunchException other(String what, Errno errno, String detail) {
    return new LaunchException(
        Kind.INTERNAL,
        "cannot set up the process: "
            + what
            + (detail.isEmpty() ? "" : ", " + detail)
            + ": "
            + errno);
  }
}
