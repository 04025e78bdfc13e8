package dev.hull.cli.life;

import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.life.PodStatus.OfContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The pods of one {@code hull run}, each with a thread of its own. Closing it stops and removes
 * them, unless they were left to somebody else.
 */
public final class Crew implements AutoCloseable {
  private final Time time;
  private final Consumer<String> complaints;
  private final List<Member> members = new ArrayList<>();

  public Crew(Time time, Consumer<String> complaints) {
    this.time = time;
    this.complaints = complaints;
  }

  private record Member(PodLife life, LogTails tails, Undo undo) {}

  /**
   * Adds a pod, which is removed with the crew from now on.
   *
   * @throws PodException if there is a pod of this uid already
   */
  public void add(PodLife life, LogTails tails) throws PodException {
    if (life.folder().exists()) {
      throw new PodException(
          "the pod "
              + life.pod().name()
              + " is running, or was not removed: "
              + life.folder().path()
              + " exists; see hull ps, and hull rm");
    }
    Undo undo = new Undo(complaints);
    undo.add("remove " + life.folder().path(), life::remove);
    undo.add(
        "stop the pod " + life.pod().name(),
        () -> {
          life.stop(Optional.empty());
          // Before the folder goes: containers may have had last words.
          tails.close();
        });
    members.add(new Member(life, tails, undo));
  }

  public List<PodLife> lives() {
    return members.stream().map(Member::life).toList();
  }

  /**
   * Lets each of them live until it is over, or {@code enough} says so. The first that cannot go on
   * makes the others pause too.
   */
  public void live(StopRequest stop, Predicate<PodLife> enough)
      throws PodException, StopException, InterruptedException {
    AtomicBoolean pause = new AtomicBoolean();
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (Member member : members) {
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                try {
                  live(member.life(), stop, enough, pause);
                } finally {
                  if (!member.life().isOver() && !enough.test(member.life())) {
                    pause.set(true);
                  }
                }
                return null;
              });
      Thread.ofVirtual().name("pod " + member.life().pod().name()).start(task);
      tasks.add(task);
    }
    Optional<Throwable> failed = Optional.empty();
    for (FutureTask<Void> task : tasks) {
      try {
        var _ = task.get();
      } catch (ExecutionException e) {
        failed = failed.isPresent() ? failed : Optional.ofNullable(e.getCause());
      }
    }
    if (failed.isPresent()) {
      switch (failed.get()) {
        case PodException e -> throw e;
        case StopException e -> throw e;
        case InterruptedException e -> throw e;
        case RuntimeException e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  private void live(PodLife life, StopRequest stop, Predicate<PodLife> enough, AtomicBoolean pause)
      throws PodException, StopException, InterruptedException {
    while (!pause.get()) {
      stop.check();
      Duration quiet = life.step(stop);
      if (life.isOver() || enough.test(life)) {
        return;
      }
      time.sleep(quiet);
    }
  }

  /** A container that ended for good, and badly. */
  public record Failure(String pod, String container, State.Terminated end) {}

  /** In the order in which they ended. Sidecars do not count: they are ended, and never end. */
  public List<Failure> failures() {
    return members.stream()
        .flatMap(
            member -> {
              PodStatus status = member.life().status();
              return Stream.concat(status.init().stream(), status.ordinary().stream())
                  .filter(one -> !one.sidecar())
                  .flatMap(one -> failure(member.life().pod().name(), one).stream());
            })
        .sorted(Comparator.comparing(failure -> failure.end().finishedAt()))
        .toList();
  }

  private static Optional<Failure> failure(String pod, OfContainer one) {
    return one.state() instanceof State.Terminated end && end.exitCode() != 0
        ? Optional.of(new Failure(pod, one.name(), end))
        : Optional.empty();
  }

  /** The pods that failed as a whole, and why. */
  public List<String> podFailures() {
    return members.stream()
        .map(member -> member.life().status())
        .filter(status -> !status.failure().isNone())
        .map(
            status ->
                "pod %s failed (%s): %s"
                    .formatted(
                        status.pod().name(), status.failure().reason(), status.failure().message()))
        .toList();
  }

  /** Leaves the pods running; closing does nothing then. */
  public void leave() {
    members.forEach(
        member -> {
          member.undo().release();
          member.tails().close();
        });
  }

  /** True if everything is gone. */
  public boolean isReleased() {
    return members.stream().allMatch(member -> member.undo().isDone());
  }

  @Override
  public void close() {
    List<Thread> threads = new ArrayList<>();
    for (Member member : members) {
      threads.add(
          Thread.ofVirtual()
              .name("end of pod " + member.life().pod().name())
              .start(
                  () -> {
                    member.undo().close();
                    member.tails().close();
                  }));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
