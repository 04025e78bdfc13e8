package dev.hull.cri.bridge.call;

import java.util.function.Consumer;

/**
 * One RPC that answers by several messages. {@code answer} blocks on the virtual thread of its
 * call, until all have been given to {@code responses}; what it throws becomes a status by {@link
 * ErrorTable}.
 */
@FunctionalInterface
public interface StreamingCall<Q, A> {
  /** So many items go into one message of a list, far below any limit of its size. */
  int ITEMS_PER_MESSAGE = 100;

  void answer(Q request, Consumer<A> responses);
}
