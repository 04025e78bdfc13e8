package dev.hull.vm.guest;

import dev.hull.guest.v1.OutputChunk;
import dev.hull.guest.v1.OutputRequest;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The output of a process, one message at a time, so that a slow reader slows the writer. */
final class GuestOutput implements Output {
  private static final int MAX_CHUNK_BYTES = 64 * 1024;
  private static final long NANOS = 1_000_000_000;

  /** An agent takes each request at once; one that does not would hold its caller for ever. */
  private static final Duration TAKES_REQUESTS = Duration.ofSeconds(30);

  private final GuestAgent agent;
  private final ManagedChannel channel;
  private final ProcessRef ref;
  private final GuestCall<OutputRequest, OutputChunk> call;
  private final Duration patience;
  private long next;

  GuestOutput(GuestAgent agent, ProcessRef ref, long offset) {
    this(agent, ref, offset, TAKES_REQUESTS);
  }

  /**
   * @param patience how long the agent may take for a request
   */
  GuestOutput(GuestAgent agent, ProcessRef ref, long offset, Duration patience) {
    this.agent = agent;
    this.patience = patience;
    this.ref = ref;
    this.next = offset;
    this.channel = agent.channel();
    this.call = new GuestCall<>(ProcessesGrpc.newStub(channel)::output);
    begin(OutputRequest.newBuilder().setRef(ref).setOffset(offset).build());
  }

  private String doing() {
    return "read the output of container " + ref.getContainerId();
  }

  @Override
  public @Nullable Chunk next() {
    OutputChunk said;
    try {
      said = call.read();
    } catch (StatusException e) {
      throw agent.failed(doing(), channel, e.getStatus().asRuntimeException());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return said == null ? null : checked(said);
  }

  private Chunk checked(OutputChunk said) {
    int size = said.getData().size();
    GuestStatus.require(said.getOffset() == next, "output is out of order");
    GuestStatus.require(size > 0 && size <= MAX_CHUNK_BYTES, "a piece of output has a wrong size");
    GuestStatus.require(said.getTimeUnixNanos() >= 0, "a time is out of range");
    boolean stderr =
        switch (said.getStream()) {
          case OUTPUT_STREAM_STDOUT -> false;
          case OUTPUT_STREAM_STDERR -> true;
          case OUTPUT_STREAM_UNSPECIFIED, UNRECOGNIZED ->
              throw GuestStatus.hostile("output comes from no stream that there is");
        };
    next += size;
    return new Chunk(
        said.getOffset(),
        stderr,
        said.getData().asReadOnlyByteBuffer(),
        Instant.ofEpochSecond(said.getTimeUnixNanos() / NANOS, said.getTimeUnixNanos() % NANOS));
  }

  @Override
  public void acknowledge(long offset) {
    // An acknowledgement says what those before it said.
    call.writeLatest(OutputRequest.newBuilder().setOffset(offset).build());
  }

  private void begin(OutputRequest request) {
    try {
      // If the agent has ended the call already, the first read says why.
      var _ = call.write(request, patience);
    } catch (StatusException e) {
      throw agent.failed(doing(), channel, e.getStatus().asRuntimeException());
    } catch (TimeoutException e) {
      close();
      throw new MachineException(
          Kind.DEADLINE,
          "cannot %s: its agent has not taken a request in %d ms"
              .formatted(doing(), patience.toMillis()),
          e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private MachineException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MachineException(Kind.UNAVAILABLE, "cannot " + doing() + ": interrupted", e);
  }

  @Override
  public void close() {
    call.cancel("the reader is done");
  }
}
