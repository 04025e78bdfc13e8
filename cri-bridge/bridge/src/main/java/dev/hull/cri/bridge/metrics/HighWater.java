package dev.hull.cri.bridge.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/** The most of something that was ever seen, where the kernel does not keep it. Thread-safe. */
final class HighWater {
  /** Known for as long as what it is about is. */
  private final Map<Object, Map<String, Long>> marks = new WeakHashMap<>();

  /** By kind, now that these are seen. */
  synchronized Map<String, Long> with(Object of, Map<String, Long> seen) {
    Map<String, Long> most = marks.computeIfAbsent(of, _ -> new HashMap<>());
    seen.forEach((kind, amount) -> most.merge(kind, amount, Math::max));
    return Map.copyOf(most);
  }
}
