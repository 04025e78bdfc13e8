package dev.hull.cli.life;

import dev.hull.cli.action.Actions;
import dev.hull.cli.action.Actions.Outcome;
import dev.hull.cli.action.Actions.Target;
import dev.hull.cli.pod.Probe;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Asks one probe of one start of a container, again and again, one at a time. */
final class ProbeWorker {
  private final Probe probe;
  private final Target target;
  private final Actions actions;
  private final Executor tasks;
  private final AtomicReference<@Nullable Outcome> answer = new AtomicReference<>();
  private long nextAt;
  private boolean asking;
  private boolean lastGood;
  private int row;

  /** Asks nothing before the probe's initial delay is over, counted from {@code startedAt}. */
  ProbeWorker(Probe probe, Target target, long startedAt, Actions actions, Executor tasks) {
    this.probe = probe;
    this.target = target;
    this.actions = actions;
    this.tasks = tasks;
    this.nextAt = startedAt + probe.initialDelay().toMillis();
  }

  /** What so many answers of a kind in a row mean. {@code message} is the last one's. */
  record Verdict(boolean good, String message) {}

  Probe probe() {
    return probe;
  }

  /** Asks if it is time to, and says what the answers so far mean; empty if nothing new. */
  Optional<Verdict> look(long now) {
    if (!asking && now >= nextAt) {
      asking = true;
      nextAt = now + probe.period().toMillis();
      tasks.execute(this::ask);
    }
    Outcome outcome = answer.getAndSet(null);
    if (outcome == null) {
      return Optional.empty();
    }
    asking = false;
    row = row > 0 && outcome.good() == lastGood ? row + 1 : 1;
    lastGood = outcome.good();
    boolean enough = row >= (lastGood ? probe.success() : probe.failure());
    return enough ? Optional.of(new Verdict(lastGood, outcome.message())) : Optional.empty();
  }

  /** When it asks next, in milliseconds. */
  long nextAt() {
    return nextAt;
  }

  private void ask() {
    try {
      answer.set(actions.run(probe.action(), target, probe.timeout()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer.set(new Outcome(false, "interrupted"));
    } catch (RuntimeException e) {
      answer.set(new Outcome(false, e.toString()));
    }
  }
}
