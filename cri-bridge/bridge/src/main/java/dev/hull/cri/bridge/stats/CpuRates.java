package dev.hull.cri.bridge.stats;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * How much CPU something uses now: what it has used since the sample before, and, where there was
 * none, since it began. Of two who ask within a second, the second gets the answer of the first. A
 * rate is never more than all of the machine's CPUs, whatever the guest says. Thread-safe.
 */
public final class CpuRates {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final long CORE = 1_000_000_000;

  /** Known for as long as what it is about is. */
  private final Map<Object, Sample> samples = new WeakHashMap<>();

  private record Sample(Instant at, Duration usage, long nanoCores) {}

  /**
   * Billionths of a CPU.
   *
   * @param of what is measured, by identity
   * @param began since when it uses CPUs
   * @param at when it had used {@code usage}
   * @param cpus how many it can use at once
   */
  synchronized long nanoCores(Object of, Instant began, Instant at, Duration usage, int cpus) {
    Sample before = samples.getOrDefault(of, new Sample(began, Duration.ZERO, 0));
    Duration window = Duration.between(before.at(), at);
    boolean known = samples.containsKey(of);
    if (known && window.compareTo(SHORTEST) < 0) {
      return before.nanoCores();
    }
    double used = usage.minus(before.usage()).toNanos();
    double rate = used * CORE / Math.max(1, window.toNanos());
    long nanoCores = (long) Math.clamp(rate, 0, (double) cpus * CORE);
    samples.put(of, new Sample(at, usage, nanoCores));
    return nanoCores;
  }
}
