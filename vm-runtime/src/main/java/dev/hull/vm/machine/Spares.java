package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.Machines;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainState;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.Journal;
import dev.hull.vm.journal.MachineJournal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps machines standing by for pods to come: made one at a time on a thread of its own, and only
 * while no pod is being started, who would have to share the host's CPUs with it. After a failure
 * the next one is made when another pod has been started.
 */
final class Spares implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Spares.class);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(20);

  private final MachineHost host;
  private final MachineConfig config;
  private final Journal journal;
  private final ExecutorService threads;

  // All below is guarded by this.
  private final Deque<Spare> ready = new ArrayDeque<>();
  private final Map<MachineId, Spare> reserved = new HashMap<>();
  private int wanted;
  private Spare.@Nullable Kind kind;
  private int starts;
  private boolean resting;
  private boolean closed;
  private @Nullable Thread keeper;

  Spares(MachineHost host, MachineConfig config, Journal journal, ExecutorService threads) {
    this.host = host;
    this.config = config;
    this.journal = journal;
    this.threads = threads;
  }

  /** Returns at once. What stands by already and is not of this kind is given up. */
  void keep(int count, Spare.Kind of) {
    List<Spare> superfluous = new ArrayList<>();
    synchronized (this) {
      wanted = count;
      kind = of;
      resting = false;
      while (ready.size() > count || (!ready.isEmpty() && !ready.getFirst().kind().equals(of))) {
        superfluous.add(ready.removeFirst());
      }
      if (keeper == null && count > 0 && !closed) {
        keeper = Thread.ofVirtual().name("spares").start(this::keep);
      }
      notifyAll();
    }
    superfluous.forEach(this::discard);
  }

  synchronized int ready() {
    return ready.size();
  }

  /** Sets one aside until it is {@linkplain #take taken} or the reservation closed. */
  Machines.Reservation reserve(Spare.Kind of) {
    Optional<Spare> found = set(of);
    MachineId id = found.map(Spare::id).orElseGet(() -> MachineId.random(host.random()));
    return new Machines.Reservation() {
      @Override
      public MachineId id() {
        return id;
      }

      @Override
      public void close() {
        giveBack(id);
      }
    };
  }

  private Optional<Spare> set(Spare.Kind of) {
    while (true) {
      Spare spare;
      synchronized (this) {
        if (ready.isEmpty() || !ready.getFirst().serves(of, config.templates())) {
          return Optional.empty();
        }
        spare = ready.removeFirst();
      }
      // It may have died, and nobody have been told yet.
      if (host.hypervisor()
          .state(DomainName.of(spare.id()))
          .equals(Optional.of(DomainState.PAUSED))) {
        synchronized (this) {
          reserved.put(spare.id(), spare);
        }
        return Optional.of(spare);
      }
      discard(spare);
    }
  }

  private void giveBack(MachineId id) {
    take(id).ifPresent(this::add);
  }

  /** The one that was reserved by this id; it is the caller's from now on. */
  synchronized Optional<Spare> take(MachineId id) {
    return Optional.ofNullable(reserved.remove(id));
  }

  /** A pod is being started; none is made meanwhile. */
  synchronized void podStarts() {
    starts++;
  }

  synchronized void podStarted() {
    starts--;
    resting = false;
    notifyAll();
  }

  /**
   * Ends those that nobody has reserved, to make room for a pod.
   *
   * @return whether there was one
   */
  boolean giveUp() {
    List<Spare> given;
    synchronized (this) {
      given = List.copyOf(ready);
      ready.clear();
      resting = true;
    }
    given.forEach(this::discard);
    return !given.isEmpty();
  }

  void domainStopped(DomainStopped stopped) {
    Optional<Spare> dead;
    synchronized (this) {
      dead =
          ready.stream()
              .filter(spare -> DomainName.of(spare.id()).equals(stopped.domain()))
              .findFirst();
      dead.ifPresent(ready::remove);
      // One that dies as soon as it stands must not be made again and again.
      resting |= dead.isPresent();
    }
    dead.ifPresent(
        spare -> {
          log.warn(
              "a spare machine has ended by itself machine={} detail={}",
              spare.id().shortForm(),
              stopped.detail());
          threads.execute(() -> discard(spare));
        });
  }

  private void keep() {
    try {
      for (Spare.Kind next = next(); next != null; next = next()) {
        try {
          add(make(next));
        } catch (MachineException e) {
          rest();
          log.warn("no spare machine could be made; pods start without it, which takes longer", e);
        }
      }
    } catch (InterruptedException e) {
      log.debug("no more spare machines are made", e);
    }
  }

  /** Waits until one is to be made; null at the end. */
  private synchronized Spare.@Nullable Kind next() throws InterruptedException {
    while (!closed && (resting || starts > 0 || ready.size() + reserved.size() >= wanted)) {
      wait();
    }
    return closed ? null : kind;
  }

  private synchronized void rest() {
    resting = true;
  }

  /** Or ends it, if it is not wanted any more. */
  private void add(Spare made) {
    boolean wantedStill;
    synchronized (this) {
      wantedStill = !closed && ready.size() < wanted && made.kind().equals(kind);
      if (wantedStill) {
        ready.addLast(made);
        notifyAll();
      }
    }
    if (!wantedStill) {
      discard(made);
    }
  }

  private Spare make(Spare.Kind of) {
    long began = System.nanoTime();
    MachineSpec spec = of.spec(MachineId.random(host.random()));
    String name = DomainName.of(spec.id()).value();
    host.admission().admit(name, spec.size());
    MachineJournal own;
    try {
      own = journal.begin(spec, new byte[0]);
    } catch (MachineException e) {
      host.admission().release(name);
      throw e;
    }
    GuestAgent agent = new GuestAgent(new MachineFolder(own.folder()).agentSocket(), threads);
    try {
      SizeRange sizes =
          new SpareStart(host, config, own, new Steps(new Timeline(), threads)).run(agent);
      log.info(
          "a spare machine stands by machine={} millis={}",
          spec.id().shortForm(),
          Duration.ofNanos(System.nanoTime() - began).toMillis());
      return new Spare(own, agent, sizes);
    } catch (RuntimeException e) {
      discard(own, agent);
      throw e;
    } catch (Error e) {
      // As if the process had been killed.
      agent.close();
      throw e;
    }
  }

  /**
   * Gives all of it back. What cannot be given back now, the next process on this root releases.
   */
  private void discard(Spare spare) {
    discard(spare.journal(), spare.agent());
  }

  private void discard(MachineJournal own, GuestAgent agent) {
    agent.close();
    // Who interrupts wants an end, and an orderly one.
    boolean interrupted = Thread.interrupted();
    try {
      new Release(host).forget(own);
    } catch (MachineException e) {
      log.error("a spare machine cannot be released now folder={}", own.folder(), e);
      own.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends all of them; waits for the one that is being made. */
  @Override
  public void close() {
    Thread making;
    synchronized (this) {
      closed = true;
      making = keeper;
      notifyAll();
    }
    if (making != null) {
      making.interrupt();
      try {
        making.join(ENDS_WITHIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    giveUp();
  }
}
