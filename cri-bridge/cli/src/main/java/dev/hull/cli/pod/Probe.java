package dev.hull.cli.pod;

import java.time.Duration;
import java.util.Optional;

/**
 * A question asked again and again.
 *
 * @param initialDelay from the container's start
 * @param success how often in a row it must succeed before it counts
 * @param failure how often in a row it must fail before it counts
 * @param gracePeriod of a container that it ends, instead of the pod's
 */
public record Probe(
    Action action,
    Duration initialDelay,
    Duration timeout,
    Duration period,
    int success,
    int failure,
    Optional<Duration> gracePeriod) {}
