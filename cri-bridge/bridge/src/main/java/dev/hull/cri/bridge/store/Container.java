package dev.hull.cri.bridge.store;

import dev.hull.cri.bridge.log.LogPump;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A container: what was asked for, what runs in the machine, and the log that follows it. */
public final class Container {
  /** How long an exit waits for the rest of its output before it is told. */
  static final Duration SETTLE = Duration.ofSeconds(2);

  private static final int SIGKILL = 9;
  private static final Duration DEATH = Duration.ofSeconds(5);

  private final Sandbox sandbox;
  private volatile ContainerFacts facts;
  private final GuestContainer guest;
  private final Path folder;
  private final Clock clock;
  private final Lock lifecycle = new ReentrantLock();
  private volatile Timing timing = Timing.UNKNOWN;
  private volatile @Nullable LogPump pump;
  private volatile @Nullable Instant exitSeen;

  Container(Sandbox sandbox, ContainerFacts facts, GuestContainer guest, Path folder, Clock clock) {
    this.sandbox = sandbox;
    this.facts = facts;
    this.guest = guest;
    this.folder = folder;
    this.clock = clock;
  }

  /** How long its creation and its start took; empty after a restart of the daemon. */
  public record Timing(Optional<Duration> create, Optional<Duration> start) {
    public static final Timing UNKNOWN = new Timing(Optional.empty(), Optional.empty());
  }

  public String id() {
    return guest.spec().id();
  }

  public Sandbox sandbox() {
    return sandbox;
  }

  public ContainerConfig config() {
    return facts.config();
  }

  public ContainerFacts facts() {
    return facts;
  }

  /** What is settled about it now; its note must say the same. */
  public void facts(ContainerFacts facts) {
    this.facts = facts;
  }

  public GuestContainer guest() {
    return guest;
  }

  /** Held while it is started, changed or removed. */
  public Lock lifecycle() {
    return lifecycle;
  }

  public Timing timing() {
    return timing;
  }

  public void timing(Timing timing) {
    this.timing = timing;
  }

  /**
   * Its state as callers are told: exited only when its log is whole (or {@link #SETTLE} later, for
   * a process left behind may hold the output open), so that who sees the exit can read the log.
   */
  public State state() {
    State state = guest.state();
    if (!(state instanceof State.Exited exited) || exited.startedAt().equals(Instant.EPOCH)) {
      return state;
    }
    LogPump follows = pump;
    if (follows == null || follows.isDrained() || !sandbox.runs()) {
      return state;
    }
    Instant seen = exitSeen;
    if (seen == null) {
      seen = clock.instant();
      exitSeen = seen;
    }
    return clock.instant().isBefore(seen.plus(SETTLE))
        ? new State.Running(exited.createdAt(), exited.startedAt(), 0)
        : state;
  }

  /** Opens its log, where one is wanted, without reading output yet. */
  public void openLog() throws IOException {
    pump = LogPump.open(id(), guest, sandbox::runs, facts.log(), folder.resolve("log"), clock);
  }

  /** Begins to carry its output into the log that was opened. */
  public void follow() {
    pump().orElseThrow().start();
  }

  /** Stops carrying its output; what has not been carried stays in the machine. */
  public void closeLog() {
    pump().ifPresent(LogPump::close);
    pump = null;
  }

  /** Empty unless its output is being followed. */
  public Optional<LogPump> pump() {
    return Optional.ofNullable(pump);
  }

  /**
   * Ends it if it runs, so that its last output is in its log, and its exit code known, before it
   * or its machine is gone. A guest that does not answer keeps nobody waiting for long.
   */
  public void kill() {
    if (!sandbox.runs() || !(guest.state() instanceof State.Running)) {
      return;
    }
    try {
      guest.signal(SIGKILL, true);
      var _ = guest.await(DEATH);
      settle();
    } catch (MachineException _) {
      // Whoever goes on ends it by stronger means.
      return;
    }
  }

  /** After its exit: waits, within {@link #SETTLE}, until the log is whole. */
  public void settle() {
    LogPump follows = pump;
    if (follows != null && sandbox.runs()) {
      follows.awaitDrained(SETTLE);
    }
    exitSeen = Instant.EPOCH;
  }
}
