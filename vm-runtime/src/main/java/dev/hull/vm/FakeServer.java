package dev.hull.vm;

import org.jspecify.annotations.Nullable;

/** A server in the pods of {@link FakeMachines}: what it does with one connection. */
@FunctionalInterface
public interface FakeServer {
  /** Sends back what comes, until its end. */
  FakeServer ECHOES =
      io -> {
        for (byte[] data = io.read(); data != null; data = io.read()) {
          io.write(data);
        }
      };

  /**
   * Runs on a virtual thread of its own; the connection's server side ends when it returns. A
   * connection that the client closes arrives as an interrupt.
   */
  void serve(Io io) throws InterruptedException;

  /** The server's end of a connection. It holds 64 KiB in each direction. */
  interface Io {
    /** The next bytes from the client; null after its end. */
    byte @Nullable [] read() throws InterruptedException;

    /** Blocks while the client does not read. */
    void write(byte[] data) throws InterruptedException;
  }
}
