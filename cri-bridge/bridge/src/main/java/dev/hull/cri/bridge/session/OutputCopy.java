package dev.hull.cri.bridge.session;

import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;

/** From a process's output to a client's streams, as fast as the client takes it. */
final class OutputCopy {
  private OutputCopy() {}

  /**
   * Blocks until both streams of the process have ended. What the client did not ask for is
   * dropped.
   *
   * @throws IOException if the client is gone
   */
  static void copy(Supplier<Output> from, CommandStreams to) throws IOException {
    try (Output output = from.get()) {
      for (Chunk chunk = output.next(); chunk != null; chunk = output.next()) {
        long end = chunk.offset() + chunk.data().remaining();
        write(chunk.data(), chunk.stderr(), to);
        output.acknowledge(end);
      }
    }
  }

  static void write(ByteBuffer data, boolean stderr, CommandStreams to) throws IOException {
    Optional<ByteStream> stream = stderr ? to.stderr() : to.stdout();
    if (stream.isPresent()) {
      byte[] bytes = new byte[data.remaining()];
      data.duplicate().get(bytes);
      stream.get().write(bytes);
    }
  }
}
