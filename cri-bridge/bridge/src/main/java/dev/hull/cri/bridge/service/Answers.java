package dev.hull.cri.bridge.service;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.StreamingCall;
import io.grpc.stub.StreamObserver;

/** Puts a call's answer on its stream; what it throws goes on to the interceptor. */
final class Answers {
  private Answers() {}

  static <Q, A> void unary(Call<Q, A> call, Q request, StreamObserver<A> observer) {
    A answer = call.answer(request);
    observer.onNext(answer);
    observer.onCompleted();
  }

  static <Q, A> void streaming(StreamingCall<Q, A> call, Q request, StreamObserver<A> observer) {
    call.answer(request, observer::onNext);
    observer.onCompleted();
  }
}
