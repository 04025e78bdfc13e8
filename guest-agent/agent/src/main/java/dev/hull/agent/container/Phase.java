package dev.hull.agent.container;

import dev.hull.agent.process.RunningProcess;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a container is in its life.
 *
 * <pre>
 *   Created ──start──▶ Running ──exit──▶ Exited
 *      └──start failed─────────────────────▲
 * </pre>
 */
sealed interface Phase {
  /** Prepared; no process yet. */
  record Created() implements Phase {}

  /** The first process runs. */
  record Running(RunningProcess process, Instant startedAt) implements Phase {}

  /**
   * Over.
   *
   * @param process the first process, for what is left of its output; empty if it never ran
   * @param message why it never ran; empty if it did
   */
  record Exited(
      Optional<RunningProcess> process,
      Optional<Instant> startedAt,
      Instant finishedAt,
      int exitCode,
      boolean oomKilled,
      String message)
      implements Phase {}
}
