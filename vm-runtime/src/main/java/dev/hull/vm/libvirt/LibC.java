package dev.hull.vm.libvirt;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;

/**
 * The system calls that neither Java nor libvirt offers. Each throws {@link LastErrorException}
 * with the errno when the call fails.
 *
 * <p>SAFETY: no call keeps a pointer after it returns; every buffer is allocated by the caller with
 * at least the size that is passed along or that the header fixes.
 */
interface LibC extends Library {
  /** prctl(2): orphans below this process become its children. */
  int PR_SET_CHILD_SUBREAPER = 36;

  /** pidfd_open(2); one number on all architectures. */
  long SYS_PIDFD_OPEN = 434;

  /** waitid(2): wait for one process by its id, or by a descriptor of it. */
  int P_PID = 1;

  int P_PIDFD = 3;
  int WNOHANG = 1;
  int WEXITED = 4;

  /** sizeof(siginfo_t). */
  int SIGINFO_BYTES = 128;

  /** Where in it si_code and si_status are for the end of a child, on 64-bit machines. */
  int SIGINFO_CODE = 8;

  int SIGINFO_STATUS = 24;

  /** si_code of a child that a signal has killed, without and with a core dump. */
  int CLD_KILLED = 2;

  int CLD_DUMPED = 3;

  int ECHILD = 10;
  int EINTR = 4;
  int ESRCH = 3;

  short POLLIN = 1;

  /** EFD_CLOEXEC | EFD_NONBLOCK. */
  int EFD_FLAGS = 0x80000 | 0x800;

  static LibC load() {
    return Native.load("c", LibC.class);
  }

  int prctl(int option, NativeLong a, NativeLong b, NativeLong c, NativeLong d)
      throws LastErrorException;

  NativeLong syscall(NativeLong number, Object... arguments) throws LastErrorException;

  int waitid(int idType, int id, Pointer siginfo, int options) throws LastErrorException;

  int poll(Pointer descriptors, NativeLong count, int timeoutMillis) throws LastErrorException;

  int eventfd(int initial, int flags) throws LastErrorException;

  NativeLong read(int descriptor, Pointer buffer, NativeLong bytes) throws LastErrorException;

  NativeLong write(int descriptor, Pointer buffer, NativeLong bytes) throws LastErrorException;

  int close(int descriptor) throws LastErrorException;

  int sched_getaffinity(int thread, NativeLong bytes, Pointer mask) throws LastErrorException;

  int sched_setaffinity(int thread, NativeLong bytes, Pointer mask) throws LastErrorException;

  int setenv(String name, String value, int overwrite) throws LastErrorException;
}
