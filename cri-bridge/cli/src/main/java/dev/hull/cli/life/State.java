package dev.hull.cli.life;

import java.time.Instant;

/**
 * Where a container is.
 *
 * <pre>
 * Waiting ──start──▶ Running ──exit──▶ Terminated ──back-off──▶ Waiting …
 * </pre>
 */
public sealed interface State {
  /** Not running, and why: {@code CrashLoopBackOff}, … */
  record Waiting(String reason, String message) implements State {
    static final Waiting CREATING = new Waiting("ContainerCreating", "");
    static final Waiting INITIALIZING = new Waiting("PodInitializing", "");
  }

  /** Its process runs. */
  record Running(Instant startedAt) implements State {}

  /** Its process has ended. */
  record Terminated(
      int exitCode, String reason, String message, Instant startedAt, Instant finishedAt, String id)
      implements State {}
}
