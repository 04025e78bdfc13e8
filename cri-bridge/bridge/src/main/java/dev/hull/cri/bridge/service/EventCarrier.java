package dev.hull.cri.bridge.service;

import dev.hull.cri.bridge.call.ErrorTable;
import dev.hull.cri.bridge.events.Subscription;
import dev.hull.cri.v1.ContainerEventResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Carries events to one caller, as fast as it takes them, until it gives up. */
final class EventCarrier {
  private final Subscription events;
  private final ServerCallStreamObserver<ContainerEventResponse> caller;

  private EventCarrier(
      Subscription events, ServerCallStreamObserver<ContainerEventResponse> caller) {
    this.events = events;
    this.caller = caller;
  }

  /** Returns at once: while a call's method runs, gRPC does not tell that its caller gave up. */
  static void begin(Subscription events, StreamObserver<ContainerEventResponse> observer) {
    ServerCallStreamObserver<ContainerEventResponse> caller =
        (ServerCallStreamObserver<ContainerEventResponse>) observer;
    caller.setOnCancelHandler(events::close);
    caller.setOnReadyHandler(events::wake);
    Thread.ofVirtual().name("events").start(new EventCarrier(events, caller)::carry);
  }

  private void carry() {
    try (events) {
      ContainerEventResponse event;
      while ((event = events.next(caller::isReady)) != null) {
        caller.onNext(event);
      }
    } catch (RuntimeException e) {
      caller.onError(ErrorTable.status(e).asRuntimeException());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
