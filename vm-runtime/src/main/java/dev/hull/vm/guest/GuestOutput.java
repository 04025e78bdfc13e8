package dev.hull.vm.guest;

import com.google.common.util.concurrent.ListenableFuture;
import dev.hull.guest.v1.OutputRequest;
import dev.hull.guest.v1.OutputResponse;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The output of a process: asked for by a call that lasts as long, and coming over the machine's
 * output line. A slow reader slows the writer, by what it does not acknowledge.
 */
final class GuestOutput implements Output {
  private final GuestAgent agent;
  private final ManagedChannel channel;
  private final ProcessRef ref;
  private final OutputFlow flow;
  private final ListenableFuture<OutputResponse> call;
  private boolean first = true;
  private long next;

  GuestOutput(GuestAgent agent, ProcessRef ref, long offset) {
    this.agent = agent;
    this.ref = ref;
    this.next = offset;
    this.channel = agent.channel();
    GuestOutputLine line = agent.outputLine();
    this.flow = line.flow(offset);
    this.call =
        ProcessesGrpc.newFutureStub(channel)
            .output(
                OutputRequest.newBuilder()
                    .setRef(ref)
                    .setOffset(offset)
                    .setLine(line.number())
                    .setFlow(flow.number())
                    .build());
    call.addListener(this::answered, Runnable::run);
  }

  private String doing() {
    return "read the output of container " + ref.getContainerId();
  }

  private void answered() {
    try {
      long end = call.get().getEnd();
      GuestStatus.require(end >= 0, "an offset is out of range");
      flow.end(end);
    } catch (MachineException e) {
      flow.fail(e);
    } catch (ExecutionException e) {
      StatusRuntimeException why =
          e.getCause() instanceof StatusRuntimeException said
              ? said
              : Status.INTERNAL.withCause(e.getCause()).asRuntimeException();
      flow.fail(agent.failed(doing(), channel, why));
    } catch (CancellationException e) {
      flow.fail(
          new MachineException(
              Kind.UNAVAILABLE, "cannot %s: the reader is done".formatted(doing()), e));
    } catch (InterruptedException e) {
      flow.fail(interrupted(e));
    }
  }

  @Override
  public @Nullable Chunk next() {
    try {
      Chunk said = flow.take(next);
      if (said != null) {
        return checked(said);
      }
      flow.finish();
      return null;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Chunk checked(Chunk said) {
    long behind = said.offset() + said.data().remaining();
    // The guest keeps whole pieces, and some of the first may have been kept safe already.
    boolean fits = first ? said.offset() <= next && behind > next : said.offset() == next;
    GuestStatus.require(fits, "output is out of order");
    ByteBuffer data = said.data();
    data.position((int) (next - said.offset()));
    Chunk wanted = new Chunk(next, said.stderr(), data.slice(), said.at());
    first = false;
    next = behind;
    return wanted;
  }

  @Override
  public void acknowledge(long offset) {
    flow.acknowledge(offset);
  }

  private MachineException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MachineException(Kind.UNAVAILABLE, "cannot " + doing() + ": interrupted", e);
  }

  @Override
  public void close() {
    call.cancel(true);
    flow.close();
  }
}
