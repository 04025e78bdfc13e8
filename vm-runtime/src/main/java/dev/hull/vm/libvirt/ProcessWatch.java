package dev.hull.vm.libvirt;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells at once when a process ends that libvirt started, and reaps it.
 *
 * <p>libvirt lets its processes go to PID 1, and then waits for their end by asking whether their
 * id still exists. Where PID 1 reaps late (seen: every 2 s), so long does the end of each machine
 * take. So this process makes itself the one that orphans below it go to (PR_SET_CHILD_SUBREAPER),
 * and reaps them by their ids. It never waits for just any child: that would take the exit codes
 * away from libvirt and from {@link java.lang.Process}.
 */
final class ProcessWatch implements AutoCloseable {
  /**
   * While libvirt works, QEMUs come and go that only libvirt knows of (it asks them what they can
   * do).
   */
  private static final int BUSY_POLL_MILLIS = 20;

  private static final int IDLE_POLL_MILLIS = 2000;

  /**
   * When a machine's process has ended, others of it end behind it, and libvirt tells of the
   * machine's end when the last of them has been reaped.
   */
  private static final long AFTERMATH_NANOS = 3_000_000_000L;

  private static final int POLLFD_BYTES = 8;
  private static final Logger log = LoggerFactory.getLogger(ProcessWatch.class);

  /** What to do at the end of a process; called on the watch's thread, must not block. */
  private record Watched(long pid, int descriptor, Consumer<OptionalInt> ended) {}

  private final LibC libc;
  private final Path proc;
  private final int wake;
  private final AtomicInteger busy = new AtomicInteger();
  private final ConcurrentLinkedQueue<Watched> added = new ConcurrentLinkedQueue<>();
  private final List<Watched> watched = new ArrayList<>();
  private final long ownSession;
  private final Path orphans;
  private final Thread thread;
  private long aftermath = System.nanoTime();
  private volatile boolean closed;

  ProcessWatch(LibC libc) {
    this.libc = libc;
    this.proc = Path.of("/proc");
    subreaper(true);
    long pid = ProcessHandle.current().pid();
    // The kernel gives orphans to the oldest thread, whereas libvirt's and Java's own children
    // belong to the threads that made them.
    this.orphans = proc.resolve(pid + "/task/" + pid + "/children");
    this.ownSession = stat(pid).session();
    this.wake = libc.eventfd(0, LibC.EFD_FLAGS);
    this.thread = Thread.ofPlatform().daemon().name("hull-process-watch").start(this::run);
  }

  private void subreaper(boolean on) {
    NativeLong zero = new NativeLong(0);
    libc.prctl(LibC.PR_SET_CHILD_SUBREAPER, new NativeLong(on ? 1 : 0), zero, zero, zero);
  }

  /**
   * Calls {@code ended} once when the process ends, at once if there is none of that id.
   *
   * @param ended is given the signal that killed it, if one did and that can be told
   */
  void watch(long pid, Consumer<OptionalInt> ended) {
    int descriptor;
    try {
      descriptor = libc.syscall(new NativeLong(LibC.SYS_PIDFD_OPEN), (int) pid, 0).intValue();
    } catch (LastErrorException e) {
      if (e.getErrorCode() != LibC.ESRCH) {
        throw e;
      }
      ended.accept(OptionalInt.empty());
      return;
    }
    added.add(new Watched(pid, descriptor, ended));
    wake();
  }

  /** Looks out for orphans more often until the token is closed. */
  Busy busy() {
    if (busy.getAndIncrement() == 0) {
      wake();
    }
    return busy::decrementAndGet;
  }

  /** A stretch of time in which libvirt works. */
  interface Busy extends AutoCloseable {
    @Override
    void close();
  }

  private void wake() {
    Memory one = new Memory(Long.BYTES);
    one.setLong(0, 1);
    libc.write(wake, one, new NativeLong(Long.BYTES));
  }

  private void run() {
    try {
      while (!closed) {
        take();
        pollOnce(isBusy() ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS);
        reapOrphans();
      }
    } catch (RuntimeException e) {
      log.error("the watch over QEMU's processes has ended; machines that die are noticed late", e);
    } finally {
      take();
      watched.forEach(process -> libc.close(process.descriptor()));
      libc.close(wake);
    }
  }

  private boolean isBusy() {
    return busy.get() > 0 || aftermath - System.nanoTime() > 0;
  }

  private void take() {
    for (Watched next = added.poll(); next != null; next = added.poll()) {
      watched.add(next);
    }
  }

  private void pollOnce(int timeoutMillis) {
    Memory descriptors = new Memory((long) POLLFD_BYTES * (watched.size() + 1));
    put(descriptors, 0, wake);
    for (int i = 0; i < watched.size(); i++) {
      put(descriptors, i + 1, watched.get(i).descriptor());
    }
    try {
      libc.poll(descriptors, new NativeLong(watched.size() + 1L), timeoutMillis);
    } catch (LastErrorException e) {
      if (e.getErrorCode() == LibC.EINTR) {
        return;
      }
      throw e;
    }
    if (isReady(descriptors, 0)) {
      libc.read(wake, new Memory(Long.BYTES), new NativeLong(Long.BYTES));
    }
    List<Watched> ended = new ArrayList<>();
    for (int i = 0; i < watched.size(); i++) {
      if (isReady(descriptors, i + 1)) {
        ended.add(watched.get(i));
      }
    }
    watched.removeAll(ended);
    if (!ended.isEmpty()) {
      aftermath = System.nanoTime() + AFTERMATH_NANOS;
    }
    for (Watched process : ended) {
      OptionalInt signal = reap(LibC.P_PIDFD, process.descriptor());
      libc.close(process.descriptor());
      try {
        process.ended().accept(signal);
      } catch (RuntimeException e) {
        log.error("could not deal with the end of a process", e);
      }
    }
  }

  private static void put(Memory descriptors, int index, int descriptor) {
    long at = (long) index * POLLFD_BYTES;
    descriptors.setInt(at, descriptor);
    descriptors.setShort(at + 4, LibC.POLLIN);
    descriptors.setShort(at + 6, (short) 0);
  }

  private static boolean isReady(Memory descriptors, int index) {
    return descriptors.getShort((long) index * POLLFD_BYTES + 6) != 0;
  }

  /**
   * The signal that killed it. Of a machine that an earlier process started we are not the parent:
   * then there is nothing to reap, and nothing is known.
   */
  private OptionalInt reap(int idType, int id) {
    Memory info = new Memory(LibC.SIGINFO_BYTES);
    info.clear();
    try {
      libc.waitid(idType, id, info, LibC.WEXITED | LibC.WNOHANG);
    } catch (LastErrorException e) {
      if (e.getErrorCode() != LibC.ECHILD) {
        throw e;
      }
      return OptionalInt.empty();
    }
    int code = info.getInt(LibC.SIGINFO_CODE);
    return code == LibC.CLD_KILLED || code == LibC.CLD_DUMPED
        ? OptionalInt.of(info.getInt(LibC.SIGINFO_STATUS))
        : OptionalInt.empty();
  }

  /**
   * Reaps what is dead and came to us as an orphan: its session is not ours, because libvirt's
   * programs all leave it when they go into the background, before they lose their parent.
   */
  private void reapOrphans() {
    String children;
    try {
      children = Files.readString(orphans).strip();
    } catch (IOException e) {
      return;
    }
    if (children.isEmpty()) {
      return;
    }
    for (String child : children.split(" ", -1)) {
      long pid = Long.parseLong(child);
      Stat stat = stat(pid);
      // How one that is watched has ended, its watcher wants to know.
      if (watched.stream().anyMatch(process -> process.pid() == pid)) {
        continue;
      }
      if (stat.state() == 'Z' && stat.session() != ownSession && isOurs(stat.command())) {
        var _ = reap(LibC.P_PID, (int) pid);
      }
    }
  }

  private static boolean isOurs(String command) {
    // One that failed before it became QEMU still has the name of the thread that it came from;
    // libvirt waits 40 s for it.
    return command.startsWith("qemu-system-")
        || command.equals("virtiofsd")
        || command.startsWith(NativeCalls.THREAD_NAME);
  }

  /**
   * The fields of proc(5)'s stat that are needed; state X and session 0 if there is no such
   * process.
   */
  private record Stat(String command, char state, long session) {}

  /** Whether the process executes; one that is dead and waits to be reaped does not. */
  boolean isRunning(long pid) {
    char state = stat(pid).state();
    return state != 'Z' && state != 'X';
  }

  private Stat stat(long pid) {
    try {
      String text = Files.readString(proc.resolve(pid + "/stat"));
      // The command stands in brackets, and may have brackets and blanks in it.
      int open = text.indexOf('(');
      int close = text.lastIndexOf(')');
      String[] rest = text.substring(close + 2).split(" ", -1);
      return new Stat(text.substring(open + 1, close), rest[0].charAt(0), Long.parseLong(rest[3]));
    } catch (IOException e) {
      return new Stat("", 'X', 0);
    }
  }

  /** Gives orphans back to PID 1, and waits until the descriptors are closed. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    // Nobody would reap those that come from now on.
    subreaper(false);
    wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
