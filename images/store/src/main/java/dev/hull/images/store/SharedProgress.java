package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.Images.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pull's progress for all who wait for it; who comes late is told first what has been. A
 * listener that throws is not told any more, and the pull goes on.
 */
final class SharedProgress implements Progress {
  private static final Logger log = LoggerFactory.getLogger(SharedProgress.class);

  private record State(long total, long transferred, boolean done) {}

  private final Map<Digest, State> layers = new LinkedHashMap<>();
  private final List<Progress> listeners = new ArrayList<>();

  synchronized void add(Progress listener) {
    listeners.add(listener);
    layers.forEach(
        (layer, state) ->
            tell(
                listener,
                late -> {
                  late.layerFound(layer, state.total());
                  if (state.transferred() > 0) {
                    late.layerAdvanced(layer, state.transferred());
                  }
                  if (state.done()) {
                    late.layerDone(layer);
                  }
                }));
  }

  synchronized void remove(Progress listener) {
    listeners.remove(listener);
  }

  @Override
  public synchronized void layerFound(Digest layer, long totalBytes) {
    layers.put(layer, new State(totalBytes, 0, false));
    tellAll(listener -> listener.layerFound(layer, totalBytes));
  }

  @Override
  public synchronized void layerAdvanced(Digest layer, long transferredBytes) {
    layers.computeIfPresent(layer, (_, state) -> new State(state.total(), transferredBytes, false));
    tellAll(listener -> listener.layerAdvanced(layer, transferredBytes));
  }

  @Override
  public synchronized void layerDone(Digest layer) {
    layers.computeIfPresent(
        layer, (_, state) -> new State(state.total(), state.transferred(), true));
    tellAll(listener -> listener.layerDone(layer));
  }

  private void tellAll(Consumer<Progress> news) {
    List.copyOf(listeners).forEach(listener -> tell(listener, news));
  }

  private void tell(Progress listener, Consumer<Progress> news) {
    try {
      news.accept(listener);
    } catch (RuntimeException e) {
      listeners.remove(listener);
      log.atDebug().setCause(e).log("a listener to a pull's progress fails and is left out");
    }
  }
}
