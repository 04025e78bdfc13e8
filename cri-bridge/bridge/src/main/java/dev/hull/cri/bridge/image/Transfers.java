package dev.hull.cri.bridge.image;

import dev.hull.images.Digest;
import dev.hull.images.Images.Progress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How the pulls under way get on, by the reference that was asked for. */
public final class Transfers {
  private final Map<String, Transfer> byReference = new ConcurrentHashMap<>();

  /** Bytes that have come, of those that are known to have to come. */
  record Amount(long doneBytes, long totalBytes) {}

  /** Shows the pull until it is closed. The later of two of one reference is the one shown. */
  Transfer begin(String reference) {
    Transfer transfer = new Transfer(reference);
    byReference.put(reference, transfer);
    return transfer;
  }

  /** Empty if no such pull is under way. */
  Optional<Amount> amount(String reference) {
    return Optional.ofNullable(byReference.get(reference)).map(Transfer::amount);
  }

  /** One pull: all its layers together. */
  final class Transfer implements Progress, AutoCloseable {
    private final String reference;
    private final Map<Digest, Amount> layers = new HashMap<>();

    private Transfer(String reference) {
      this.reference = reference;
    }

    @Override
    public synchronized void layerFound(Digest layer, long totalBytes) {
      layers.put(layer, new Amount(0, totalBytes));
    }

    @Override
    public synchronized void layerAdvanced(Digest layer, long transferredBytes) {
      layers.computeIfPresent(
          layer, (_, before) -> new Amount(transferredBytes, before.totalBytes()));
    }

    @Override
    public synchronized void layerDone(Digest layer) {
      layers.computeIfPresent(
          layer, (_, before) -> new Amount(before.totalBytes(), before.totalBytes()));
    }

    private synchronized Amount amount() {
      return layers.values().stream()
          .reduce(
              new Amount(0, 0),
              (sum, layer) ->
                  new Amount(
                      sum.doneBytes() + layer.doneBytes(), sum.totalBytes() + layer.totalBytes()));
    }

    @Override
    public void close() {
      byReference.remove(reference, this);
    }
  }
}
