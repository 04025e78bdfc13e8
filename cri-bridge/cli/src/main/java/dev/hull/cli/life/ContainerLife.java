package dev.hull.cli.life;

import dev.hull.cli.action.Actions;
import dev.hull.cli.action.Actions.Outcome;
import dev.hull.cli.action.Actions.Target;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Probe;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One container of a pod over all its starts. Not safe for use from many threads: it is its pod's.
 */
final class ContainerLife {
  /** Which part a container has in its pod. */
  enum Role {
    INIT,
    SIDECAR,
    ORDINARY,
    EPHEMERAL
  }

  private final Container container;
  private final Role role;
  private final Backoff backoff = new Backoff();
  private State state;
  private Optional<State.Terminated> last = Optional.empty();
  private Optional<String> id = Optional.empty();
  private Optional<String> previousId = Optional.empty();
  private String imageRef = "";
  private int attempt = -1;
  private long startedAt;
  private long endedAt;
  private boolean hasStarted;
  private boolean started;
  private boolean ready;
  private Optional<ProbeWorker> startup = Optional.empty();
  private Optional<ProbeWorker> liveness = Optional.empty();
  private Optional<ProbeWorker> readiness = Optional.empty();
  private @Nullable Future<Outcome> postStart;
  private @Nullable Future<?> ending;

  ContainerLife(Container container, Role role, boolean first) {
    this.container = container;
    this.role = role;
    this.state = first ? State.Waiting.CREATING : State.Waiting.INITIALIZING;
  }

  Container container() {
    return container;
  }

  String name() {
    return container.name();
  }

  Role role() {
    return role;
  }

  Backoff backoff() {
    return backoff;
  }

  State state() {
    return state;
  }

  Optional<State.Terminated> last() {
    return last;
  }

  /** The newest start's, in CRI. */
  Optional<String> id() {
    return id;
  }

  /** That of the start before, if CRI still has it. */
  Optional<String> previousId() {
    return previousId;
  }

  void forgetPrevious() {
    previousId = Optional.empty();
  }

  String imageRef() {
    return imageRef;
  }

  /** How often it has been started, but the first. */
  int restarts() {
    return Math.max(0, attempt);
  }

  int attempt() {
    return attempt;
  }

  int nextAttempt() {
    return attempt + 1;
  }

  boolean isRunning() {
    return state instanceof State.Running;
  }

  /** Whether it has ever come as far as its startup probe lets it, so that others may follow. */
  boolean hasStarted() {
    return hasStarted;
  }

  boolean isStarted() {
    return isRunning() && started;
  }

  boolean isReady() {
    return isRunning() && started && ready;
  }

  /** How it ended, if it has and was not started again. */
  Optional<State.Terminated> ended() {
    return state instanceof State.Terminated terminated
        ? Optional.of(terminated)
        : state instanceof State.Waiting && attempt >= 0 ? last : Optional.empty();
  }

  /** When that was noticed, in milliseconds. */
  long endedAt() {
    return endedAt;
  }

  boolean isInitDone() {
    return ended().filter(end -> end.exitCode() == 0).isPresent();
  }

  /** Waits for something else than its own end; how it ended stays known. */
  void wait(String reason, String message) {
    if (state instanceof State.Terminated terminated) {
      last = Optional.of(terminated);
    }
    state = new State.Waiting(reason, message);
  }

  /** CRI has made a container for its next start. */
  void created(String containerId, String image) {
    if (state instanceof State.Terminated terminated) {
      last = Optional.of(terminated);
    }
    previousId = id;
    id = Optional.of(containerId);
    imageRef = image;
    attempt++;
  }

  /** What was created could not be started: it counts as a start that failed. */
  void failedToStart(State.Terminated end, long now) {
    state = end;
    endedAt = now;
  }

  /** What was created runs. */
  void running(Instant since, long now, Actions actions, Executor tasks, String ip) {
    state = new State.Running(since);
    startedAt = now;
    Target target = new Target(container, id.orElseThrow(), ip);
    startup = worker(container.probes().startup(), target, actions, tasks);
    liveness = worker(container.probes().liveness(), target, actions, tasks);
    readiness = worker(container.probes().readiness(), target, actions, tasks);
    ready = readiness.isEmpty();
    postStart = null;
    ending = null;
    started = false;
  }

  private Optional<ProbeWorker> worker(
      Optional<Probe> probe, Target target, Actions actions, Executor tasks) {
    return probe.map(p -> new ProbeWorker(p, target, startedAt, actions, tasks));
  }

  void hook(Future<Outcome> running) {
    postStart = running;
  }

  Optional<Future<Outcome>> hook() {
    return Optional.ofNullable(postStart);
  }

  void hookDone() {
    postStart = null;
  }

  /** Nothing stands against it any more: neither its hook nor its startup probe. */
  void markStarted() {
    started = true;
    hasStarted = true;
  }

  void setReady(boolean is) {
    ready = is;
  }

  Optional<ProbeWorker> startup() {
    return startup;
  }

  Optional<ProbeWorker> liveness() {
    return liveness;
  }

  Optional<ProbeWorker> readiness() {
    return readiness;
  }

  void ending(Future<?> future) {
    ending = future;
  }

  boolean isEnding() {
    return ending != null;
  }

  void exited(State.Terminated end, long now) {
    state = end;
    endedAt = now;
    startup = Optional.empty();
    liveness = Optional.empty();
    readiness = Optional.empty();
    postStart = null;
    ending = null;
  }

  /** As a life that somebody else began has left it. */
  void adopt(String containerId, int itsAttempt, String image) {
    id = Optional.of(containerId);
    attempt = itsAttempt;
    imageRef = image;
  }

  /** Of the start before the newest. */
  void adoptLast(String containerId, State.Terminated end) {
    previousId = Optional.of(containerId);
    last = Optional.of(end);
  }

  /** The machine is a new one: all starts were in the old one. */
  void forgetContainers() {
    id = Optional.empty();
    previousId = Optional.empty();
    if (role == Role.EPHEMERAL && attempt >= 0) {
      return; // It is not started again: how it ended stays all that there is to say.
    }
    if (state instanceof State.Terminated terminated) {
      last = Optional.of(terminated);
    }
    state = State.Waiting.CREATING;
    hasStarted = false;
  }
}
