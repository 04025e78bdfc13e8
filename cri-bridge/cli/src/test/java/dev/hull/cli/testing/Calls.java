package dev.hull.cli.testing;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What was called, in order; and which calls are to fail. */
final class Calls {
  final List<String> made = new CopyOnWriteArrayList<>();
  final Map<String, Status> failures = new ConcurrentHashMap<>();

  void note(String call) {
    made.add(call);
  }

  <T> void answer(StreamObserver<T> observer, T response) {
    observer.onNext(response);
    observer.onCompleted();
  }

  /** Fails the call if it was told to. */
  boolean fails(String call, StreamObserver<?> observer) {
    Status status = failures.get(call);
    if (status != null) {
      observer.onError(status.asRuntimeException());
    }
    return status != null;
  }
}
