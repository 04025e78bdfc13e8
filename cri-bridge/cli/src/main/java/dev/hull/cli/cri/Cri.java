package dev.hull.cli.cri;

import dev.hull.cri.v1.ImageServiceGrpc;
import dev.hull.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.hull.cri.v1.RuntimeServiceGrpc;
import dev.hull.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A daemon that speaks CRI. Every call has a deadline of its own and throws {@link CriException}
 * when it fails. Safe for use from many threads.
 */
public final class Cri implements AutoCloseable {
  /** For calls that only look something up. */
  public static final Duration QUICK = Duration.ofSeconds(10);

  /** For calls that start or stop something; a machine under software emulation takes its time. */
  public static final Duration SLOW = Duration.ofMinutes(5);

  /** For calls that move an image over a network. */
  public static final Duration TRANSFER = Duration.ofHours(2);

  /** Room for the list of a full node's containers, and for what ExecSync may print. */
  private static final int MAX_MESSAGE_BYTES = 20 << 20;

  private final ManagedChannel channel;
  private final String daemon;
  private final Runnable afterClose;

  /**
   * Takes over {@code channel}.
   *
   * @param daemon what errors call it, for example the path of its socket
   * @param afterClose ends what the channel ran on
   */
  public Cri(ManagedChannel channel, String daemon, Runnable afterClose) {
    this.channel = channel;
    this.daemon = daemon;
    this.afterClose = afterClose;
  }

  /** Calls the runtime service. */
  public <T> T runtime(Duration deadline, Function<RuntimeServiceBlockingStub, T> call) {
    try {
      return call.apply(
          RuntimeServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
              .withMaxInboundMessageSize(MAX_MESSAGE_BYTES));
    } catch (StatusRuntimeException e) {
      throw CriException.of(e, daemon, deadline);
    }
  }

  /** Calls the image service. */
  public <T> T images(Duration deadline, Function<ImageServiceBlockingStub, T> call) {
    try {
      return call.apply(
          ImageServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
              .withMaxInboundMessageSize(MAX_MESSAGE_BYTES));
    } catch (StatusRuntimeException e) {
      throw CriException.of(e, daemon, deadline);
    }
  }

  /** Ends calls under way. */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    afterClose.run();
  }
}
