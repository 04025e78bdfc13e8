package dev.hull.agent.stats;

import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A container, as far as it is counted.
 *
 * @param pid of its first process, while it runs
 */
public record Counted(String id, Path cgroup, WritableLayer layer, OptionalInt pid) {}
