package dev.hull.vm;

import dev.hull.vm.GuestContainer.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A process of a fake guest: a program on a thread, what it printed, and how it ended. */
final class FakeProcess implements FakeProgram.Io, GuestContainer.Input {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  /** As the agent's: output that nobody acknowledges holds the program back. */
  private static final long OUTPUT_BOUND = 1 << 20;

  private static final int MAX_CHUNK = 64 * 1024;

  private final FakeProgram program;
  private final List<String> args;
  private final boolean stdin;
  private final boolean terminal;
  private final Clock clock;
  private final FakeLeaks leaks;
  private final IntConsumer onExit;
  private final List<Output.Chunk> chunks = new ArrayList<>();
  private final FakePipe input = new FakePipe();
  private final Deque<FakeProgram.Size> sizes = new ArrayDeque<>();
  private long written;
  private long acknowledged;
  private boolean lost;
  private @Nullable Integer exitCode;
  private @Nullable Thread thread;
  private @Nullable Reader reader;

  FakeProcess(
      FakeProgram program,
      List<String> args,
      boolean stdin,
      boolean terminal,
      Clock clock,
      FakeLeaks leaks,
      IntConsumer onExit) {
    this.program = program;
    this.args = args;
    this.stdin = stdin;
    this.terminal = terminal;
    this.clock = clock;
    this.leaks = leaks;
    this.onExit = onExit;
  }

  synchronized void start() {
    thread = Thread.ofVirtual().name("fake-process").start(this::run);
  }

  private void run() {
    int code;
    try {
      code = program.run(this);
    } catch (InterruptedException killed) {
      code = 128 + SIGKILL;
    }
    end(code);
  }

  /** The first end counts: a killed program's thread may still come to its own. */
  private void end(int code) {
    synchronized (this) {
      if (exitCode != null) {
        return;
      }
      exitCode = code;
      notifyAll();
    }
    input.breakOff();
    onExit.accept(code);
  }

  void signal(int signal) {
    boolean deadly = signal == SIGKILL || (signal != 0 && !program.survives(signal));
    boolean harmless = signal == 17 || signal == 18 || signal == 23 || signal == 28;
    if (!deadly || (harmless && signal != SIGTERM)) {
      return;
    }
    end(128 + signal);
    interrupt();
  }

  /** The machine died: output still unread is gone with it. */
  void vanish() {
    synchronized (this) {
      lost = true;
      notifyAll();
    }
    end(128 + SIGKILL);
    interrupt();
  }

  private synchronized void interrupt() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  synchronized boolean exited() {
    return exitCode != null;
  }

  /** Null if it has not exited in time. */
  synchronized @Nullable Integer await(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (exitCode == null) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      try {
        wait(left / 1_000_000, (int) (left % 1_000_000));
      } catch (InterruptedException interrupted) {
        throw interrupted(interrupted);
      }
    }
    return exitCode;
  }

  private static MachineException interrupted(InterruptedException interrupted) {
    Thread.currentThread().interrupt();
    return new MachineException(
        MachineException.Kind.UNAVAILABLE, "interrupted while waiting for a process", interrupted);
  }

  @Override
  public void write(byte[] data) {
    demandInput();
    try {
      boolean taken = input.write(data);
      if (!taken) {
        throw new MachineException(MachineException.Kind.WRONG_STATE, "standard input is closed");
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  @Override
  public void closeInput() {
    demandInput();
    if (!terminal) {
      input.end();
    }
  }

  private void demandInput() {
    if (!stdin) {
      throw new MachineException(
          MachineException.Kind.WRONG_STATE, "the process was started without standard input");
    }
    if (input.ended()) {
      throw new MachineException(MachineException.Kind.WRONG_STATE, "standard input is closed");
    }
  }

  @Override
  public synchronized void resize(int columns, int rows) {
    if (!terminal) {
      throw new MachineException(
          MachineException.Kind.WRONG_STATE, "the process has no terminal to resize");
    }
    sizes.add(new FakeProgram.Size(columns, rows));
    notifyAll();
  }

  @Override
  public synchronized FakeProgram.Size awaitSize() throws InterruptedException {
    while (sizes.isEmpty()) {
      wait();
    }
    return sizes.remove();
  }

  synchronized Output output(long offset) {
    if (offset < acknowledged || offset > written) {
      throw new MachineException(
          MachineException.Kind.INVALID,
          "output from byte "
              + offset
              + " is not to be had: kept is "
              + acknowledged
              + " to "
              + written);
    }
    reader = new Reader(offset, leaks.opened("output"));
    notifyAll();
    return reader;
  }

  @Override
  public List<String> args() {
    return args;
  }

  @Override
  public void print(byte[] data) {
    for (int at = 0; at < data.length; at += MAX_CHUNK) {
      append(Arrays.copyOfRange(data, at, Math.min(data.length, at + MAX_CHUNK)), false);
    }
  }

  @Override
  public void printError(String text) {
    append(text.getBytes(StandardCharsets.UTF_8), true);
  }

  private synchronized void append(byte[] bytes, boolean stderr) {
    try {
      while (exitCode == null && written - acknowledged >= OUTPUT_BOUND) {
        wait();
      }
    } catch (InterruptedException killed) {
      Thread.currentThread().interrupt();
      return;
    }
    if (exitCode != null || bytes.length == 0) {
      return;
    }
    chunks.add(
        new Output.Chunk(written, stderr && !terminal, ByteBuffer.wrap(bytes), clock.instant()));
    written += bytes.length;
    notifyAll();
  }

  @Override
  public byte @Nullable [] read() throws InterruptedException {
    return stdin ? input.read() : null;
  }

  @Override
  public synchronized int sleepForever() throws InterruptedException {
    while (exitCode == null) {
      wait();
    }
    return exitCode;
  }

  /** Gives what was printed from an offset on; only the latest one of a process gets any. */
  private final class Reader implements Output {
    private final FakeLeaks.Token token;
    private long offset;
    private boolean closed;

    Reader(long offset, FakeLeaks.Token token) {
      this.offset = offset;
      this.token = token;
    }

    @Override
    public @Nullable Chunk next() {
      synchronized (FakeProcess.this) {
        while (true) {
          if (closed || lost || reader != this) {
            throw new MachineException(
                MachineException.Kind.UNAVAILABLE,
                "the output was closed, taken over by another caller, or lost with its machine");
          }
          for (Chunk chunk : chunks) {
            long end = chunk.offset() + chunk.data().remaining();
            if (end > offset) {
              int skip = (int) Math.max(0, offset - chunk.offset());
              ByteBuffer data = chunk.data().slice(skip, chunk.data().remaining() - skip);
              Chunk next = new Chunk(chunk.offset() + skip, chunk.stderr(), data, chunk.at());
              offset = end;
              return next;
            }
          }
          if (exitCode != null) {
            return null;
          }
          try {
            FakeProcess.this.wait();
          } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
          }
        }
      }
    }

    @Override
    public void acknowledge(long safe) {
      synchronized (FakeProcess.this) {
        if (safe > offset) {
          throw new IllegalArgumentException("acknowledged " + safe + " of " + offset + " bytes");
        }
        acknowledged = Math.max(acknowledged, safe);
        chunks.removeIf(chunk -> chunk.offset() + chunk.data().remaining() <= acknowledged);
        FakeProcess.this.notifyAll();
      }
    }

    @Override
    public void close() {
      synchronized (FakeProcess.this) {
        closed = true;
        FakeProcess.this.notifyAll();
      }
      token.close();
    }
  }
}
