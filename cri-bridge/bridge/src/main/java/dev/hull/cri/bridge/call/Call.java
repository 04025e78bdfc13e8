package dev.hull.cri.bridge.call;

/**
 * One RPC. {@code answer} blocks on the virtual thread of its call; what it throws becomes a status
 * by {@link ErrorTable}.
 */
@FunctionalInterface
public interface Call<Q, A> {
  A answer(Q request);
}
