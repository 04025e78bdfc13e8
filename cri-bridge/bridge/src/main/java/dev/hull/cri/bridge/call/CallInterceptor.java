package dev.hull.cri.bridge.call;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Around every call: a line in the log with method, ids and milliseconds, its level by the outcome;
 * {@link ErrorTable errors as statuses}; and no work for a caller whose deadline has passed.
 *
 * <p>A call under way is not broken off when its caller gives up (half-made machines would be the
 * result): it is finished, and the caller finds the outcome by listing.
 */
public final class CallInterceptor implements ServerInterceptor {
  /** Fields that say what a call is about. Others are not logged: requests carry secrets. */
  private static final Set<String> IDS =
      Set.of("pod_sandbox_id", "container_id", "image_ref", "runtime_handler");

  private static final Logger LOG = LoggerFactory.getLogger(CallInterceptor.class);

  private final LongSupplier nanoClock;
  private final CallMeter meter;

  public CallInterceptor(LongSupplier nanoClock, CallMeter meter) {
    this.nanoClock = nanoClock;
    this.meter = meter;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Observed<Q, A> observed = new Observed<>(call, nanoClock, meter);
    return new SimpleForwardingServerCallListener<>(next.startCall(observed, headers)) {
      @Override
      public void onMessage(Q message) {
        observed.note(message);
        super.onMessage(message);
      }

      @Override
      public void onHalfClose() {
        var deadline = Context.current().getDeadline();
        if (deadline != null && deadline.isExpired()) {
          observed.close(
              Status.DEADLINE_EXCEEDED.withDescription(
                  "the call's deadline had passed before it was begun; give it more time"),
              new Metadata());
          return;
        }
        try {
          super.onHalfClose();
        } catch (RuntimeException e) {
          observed.close(ErrorTable.status(e), new Metadata());
        }
      }

      @Override
      public void onCancel() {
        observed.log(Status.CANCELLED.withDescription("the caller gave up"));
        super.onCancel();
      }
    };
  }

  private static final class Observed<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final LongSupplier nanoClock;
    private final CallMeter meter;
    private final long began;
    private final TreeMap<String, String> ids = new TreeMap<>();
    private boolean closed;

    Observed(ServerCall<Q, A> call, LongSupplier nanoClock, CallMeter meter) {
      super(call);
      this.nanoClock = nanoClock;
      this.meter = meter;
      this.began = nanoClock.getAsLong();
    }

    synchronized void note(Object message) {
      if (message instanceof Message proto) {
        for (FieldDescriptor field : proto.getDescriptorForType().getFields()) {
          if (IDS.contains(field.getName())
              && proto.getField(field) instanceof String value
              && !value.isEmpty()) {
            ids.put(field.getName(), value);
          }
        }
      }
    }

    @Override
    public void sendMessage(A message) {
      note(message);
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      String method = getMethodDescriptor().getBareMethodName();
      meter.answered(
          method == null ? "" : method,
          status.getCode(),
          Duration.ofNanos(nanoClock.getAsLong() - began));
      log(status);
      super.close(status, trailers);
    }

    synchronized void log(Status status) {
      String method = getMethodDescriptor().getBareMethodName();
      LoggingEventBuilder event =
          LOG.atLevel(level(status, method == null ? "" : method))
              .addKeyValue("method", method)
              .addKeyValue("status", status.getCode())
              .addKeyValue("millis", Duration.ofNanos(nanoClock.getAsLong() - began).toMillis());
      for (var id : ids.entrySet()) {
        event = event.addKeyValue(id.getKey(), id.getValue());
      }
      if (status.getCode() == Status.Code.INTERNAL && status.getCause() != null) {
        event = event.setCause(status.getCause());
      }
      event.log(status.getDescription() == null ? "answered" : status.getDescription());
    }
  }

  private static Level level(Status status, String method) {
    return switch (status.getCode()) {
      // Kubelets ask these every second.
      case OK ->
          method.startsWith("List")
                  || method.startsWith("Stream")
                  || method.endsWith("Stats")
                  || method.endsWith("Status")
                  || method.equals("Version")
              ? Level.DEBUG
              : Level.INFO;
      case CANCELLED -> Level.INFO;
      case INTERNAL, UNKNOWN, DATA_LOSS -> Level.ERROR;
      default -> Level.WARN;
    };
  }
}
