package dev.hull.cli.supervisor;

import com.google.gson.JsonObject;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.life.LifeListener;
import dev.hull.cli.life.PodLife;
import dev.hull.cli.life.Surroundings;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.EphemeralContainer;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.supervisor.Spool.Wanted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps one pod as it is wanted, until it is wanted no more, or another of its name is. */
final class Keeper {
  private static final Duration AGAIN = Duration.ofSeconds(2);

  private final Spool spool;
  private final Thing key;
  private final Wanted wanted;
  private final Surroundings around;
  private final PodLife life;
  private List<EphemeralContainer> added = List.of();
  private Set<String> toldBefore = Set.of();
  private Set<String> toldNow = new HashSet<>();
  private @Nullable JsonObject told;
  private boolean parked;

  Keeper(Spool spool, Thing key, Wanted wanted, Surroundings around) {
    this.spool = spool;
    this.key = key;
    this.wanted = wanted;
    this.around = around;
    if (!(wanted.document() instanceof Document.OfPod pod)) {
      throw new IllegalArgumentException(key + " is no pod");
    }
    this.life = new PodLife(pod.pod(), wanted.uid(), around, LifeListener.NONE);
  }

  Thing key() {
    return key;
  }

  /** Returns when the pod is gone, or at an interrupt: the pod runs on then. */
  void run() {
    StopRequest never = new StopRequest(around.time(), Optional.empty());
    try {
      if (!isKnown()) {
        tell(); // Its first step takes as long as its images and its machine.
      }
      while (!Thread.currentThread().isInterrupted()) {
        toldBefore = toldNow;
        toldNow = new HashSet<>();
        Optional<Optional<Duration>> deleted = spool.deleted(key);
        boolean replaced = isReplaced();
        if (deleted.isPresent() || replaced) {
          if (end(deleted.orElse(Optional.empty()), replaced)) {
            return;
          }
          around.time().sleep(AGAIN);
        } else {
          takeWhatWasAdded();
          around.time().sleep(step(never));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether something was said of this pod before, and not only of another of its name. */
  private boolean isKnown() {
    try {
      return spool
          .status(key)
          .map(status -> status.getAsJsonObject("pod").getAsJsonObject("metadata").get("uid"))
          .filter(uid -> uid.getAsString().equals(wanted.uid()))
          .isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isReplaced() {
    try {
      return spool.wanted(key).filter(now -> now.uid().equals(wanted.uid())).isEmpty();
    } catch (IOException e) {
      return false; // Written by another release: this one goes on with what it has.
    }
  }

  private void takeWhatWasAdded() {
    try {
      added = spool.added(key, wanted);
      added.forEach(one -> life.add(one.container()));
    } catch (IOException e) {
      complain("pod " + life.pod().fullName() + ": " + e.getMessage());
    }
  }

  /** Once, for as many rounds as it stays true. */
  private void complain(String what) {
    if (toldNow.add(what) && !toldBefore.contains(what)) {
      around.complaints().accept(what);
    }
  }

  private Duration step(StopRequest never) throws InterruptedException {
    try {
      Duration quiet = life.step(never);
      if (life.isOver() && !parked) {
        life.park();
        parked = true;
      }
      tell();
      return life.isOver() ? AGAIN : quiet;
    } catch (PodException | StopException | CriException | UncheckedIOException e) {
      complain("pod " + life.pod().fullName() + ": " + e.getMessage());
      tell();
      return AGAIN;
    }
  }

  /** True if everything is gone. */
  private boolean end(Optional<Duration> grace, boolean replaced) {
    try {
      life.announceEnd();
      tell();
      life.stop(grace);
      life.remove();
      if (!replaced) {
        spool.forget(key);
      }
      return true;
    } catch (IOException | CriException e) {
      complain("cannot remove pod " + life.pod().fullName() + ": " + e.getMessage());
      return false;
    }
  }

  private void tell() {
    JsonObject now =
        PodJson.of(life.status(), wanted.document().source(), added, wanted.createdAt());
    if (now.equals(told)) {
      return;
    }
    try {
      spool.setStatus(key, now);
      told = now;
    } catch (IOException e) {
      complain("cannot tell of pod " + life.pod().fullName() + ": " + e.getMessage());
    }
  }
}
