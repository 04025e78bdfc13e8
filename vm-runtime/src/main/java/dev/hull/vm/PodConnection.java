package dev.hull.vm;

import org.jspecify.annotations.Nullable;

/**
 * A TCP connection from inside the pod to one of its servers, made by {@link Machine#connect}.
 * Reading and writing may go on in two threads; both block and throw {@link MachineException}:
 * UNAVAILABLE when the connection is broken off, by the server, the machine or {@link #close}.
 */
public interface PodConnection extends AutoCloseable {
  /** The next bytes that the server sent, at least one and at most 64 KiB; null after its end. */
  byte @Nullable [] read();

  /** Blocks until the bytes are on their way; a server that does not read holds the caller back. */
  void write(byte[] data);

  /** Nothing more will be written; the server may still send. Does nothing the second time. */
  void closeOutput();

  /** Breaks off what still goes on. Does nothing the second time. */
  @Override
  void close();
}
