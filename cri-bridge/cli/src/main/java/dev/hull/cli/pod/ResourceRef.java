package dev.hull.cli.pod;

import java.math.BigDecimal;

/**
 * An amount that a container has.
 *
 * @param container empty for the one that asks
 * @param limit whether the limit is meant, else the request
 * @param resource {@code cpu}, {@code memory} or {@code ephemeral-storage}
 * @param divisor in which the amount is counted, rounded up
 */
public record ResourceRef(String container, boolean limit, String resource, BigDecimal divisor) {}
