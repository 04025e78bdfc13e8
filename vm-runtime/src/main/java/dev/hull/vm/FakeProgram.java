package dev.hull.vm;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a process of {@link FakeMachines} does. It runs on a virtual thread of its own. */
@FunctionalInterface
public interface FakeProgram {
  /** Runs until it is killed; SIGTERM ends it with 143. */
  FakeProgram SLEEPS = io -> io.sleepForever();

  /** Returns the exit code. Being killed arrives as an interrupt. */
  int run(Io io) throws InterruptedException;

  /** True if the program handles {@code signal} and lives on; never asked about SIGKILL. */
  default boolean survives(int signal) {
    return false;
  }

  /** Ends at once. */
  static FakeProgram exits(int code) {
    return io -> code;
  }

  /** Writes {@code text} to standard output and ends with 0. */
  static FakeProgram prints(String text) {
    return io -> {
      io.print(text);
      return 0;
    };
  }

  /** Runs until SIGKILL. */
  static FakeProgram ignoringTerm() {
    return new FakeProgram() {
      @Override
      public int run(Io io) throws InterruptedException {
        return io.sleepForever();
      }

      @Override
      public boolean survives(int signal) {
        return true;
      }
    };
  }

  /** Of a terminal, in characters. */
  record Size(int columns, int rows) {}

  /** A process's view of its arguments and standard streams. */
  interface Io {
    List<String> args();

    default void print(String text) {
      print(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Blocks while more than 1 MiB of output has not been acknowledged. */
    void print(byte[] data);

    void printError(String text);

    /** The next bytes of standard input; null at its end, and at once if there is none. */
    byte @Nullable [] read() throws InterruptedException;

    /** Blocks for the next size that the terminal is given. */
    Size awaitSize() throws InterruptedException;

    int sleepForever() throws InterruptedException;
  }
}
