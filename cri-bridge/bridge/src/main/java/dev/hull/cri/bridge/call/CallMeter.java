package dev.hull.cri.bridge.call;

import io.grpc.Status;
import java.time.Duration;

/** Is told of every call when it has been answered. Must not block. */
@FunctionalInterface
public interface CallMeter {
  void answered(String method, Status.Code code, Duration took);
}
