package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.Machines;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainState;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.template.Templates;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps machines standing by for pods to come: made one at a time on a thread of its own, begun
 * only while no pod is being started, who would have to share the host's CPUs with it. After a
 * failure the next one is made when another pod has been started.
 */
final class Spares implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Spares.class);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(20);

  private final MachineHost host;
  private final MachineConfig config;
  private final SpareMaker maker;

  private final ExecutorService discards =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("spare-end-", 0).factory());

  /** Held while spares give way: who comes second finds the room that the first one has made. */
  private final Object givingWay = new Object();

  // All below is guarded by this, which is never held while something is waited for.
  private final Deque<Spare> ready = new ArrayDeque<>();
  private final Map<MachineId, Reserved> reserved = new HashMap<>();
  private int wanted;
  private Spare.@Nullable Kind kind;
  private int starts;
  private boolean making;
  private boolean resting;
  private boolean yielding;
  private boolean closed;
  private @Nullable Thread keeper;

  /**
   * Set aside for a pod that is about to be started.
   *
   * @param of what the pod's machine is to be like
   */
  private record Reserved(Spare spare, Spare.Kind of) {}

  Spares(MachineHost host, MachineConfig config, SpareMaker maker) {
    this.host = host;
    this.config = config;
    this.maker = maker;
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
    superfluous.forEach(this::discardLater);
  }

  synchronized int ready() {
    return ready.size();
  }

  /** Sets one aside until it is {@linkplain #take taken} or the reservation closed. */
  Machines.Reservation reserve(Spare.Kind of) {
    MachineId id = setAside(of).map(Spare::id).orElseGet(() -> MachineId.random(host.random()));
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

  /** Empty also where a look at it fails: the pod's machine is then started anew. */
  private Optional<Spare> setAside(Spare.Kind of) {
    try {
      if (ready() == 0) {
        return Optional.empty();
      }
      Optional<SizeRange> sizes = config.templates().find(of.size()).map(Templates.Match::sizes);
      for (Optional<Spare> next = next(of, sizes); next.isPresent(); next = next(of, sizes)) {
        Spare spare = next.get();
        if (!stands(spare)) {
          discardReserved(spare);
        } else if (fits(spare, of)) {
          return next;
        } else {
          giveBack(spare.id());
          return Optional.empty();
        }
      }
    } catch (MachineException e) {
      log.warn("the machines that stand by cannot be looked at, and none is used", e);
    }
    return Optional.empty();
  }

  private synchronized Optional<Spare> next(Spare.Kind of, Optional<SizeRange> sizes) {
    if (ready.isEmpty() || !ready.getFirst().serves(of, sizes)) {
      return Optional.empty();
    }
    Spare spare = ready.removeFirst();
    reserved.put(spare.id(), new Reserved(spare, of));
    return Optional.of(spare);
  }

  /** One may have died, and nobody have been told yet. What cannot be asked is of no use. */
  private boolean stands(Spare spare) {
    try {
      return host.hypervisor()
          .state(DomainName.of(spare.id()))
          .equals(Optional.of(DomainState.PAUSED));
    } catch (MachineException e) {
      log.warn("a machine that stands by does not answer for its state", e);
      return false;
    }
  }

  private boolean fits(Spare spare, Spare.Kind of) {
    try {
      new MachineGrowth(host, DomainName.of(spare.id()), spare.sizes(), of.size()).admit();
      return true;
    } catch (MachineException e) {
      if (e.kind() != Kind.EXHAUSTED) {
        throw e;
      }
      log.info("a machine that stands by is not used reason={}", e.getMessage());
      return false;
    }
  }

  private void discardReserved(Spare spare) {
    synchronized (this) {
      reserved.remove(spare.id());
      notifyAll();
    }
    maker.discard(spare);
  }

  private void giveBack(MachineId id) {
    Reserved unused;
    synchronized (this) {
      unused = reserved.remove(id);
    }
    if (unused != null) {
      Spare spare = unused.spare();
      // Less always fits.
      host.admission().resize(DomainName.of(id).value(), spare.kind().size(), spare.kind().size());
      add(spare);
    }
  }

  /**
   * The one that was reserved for this machine; it is the caller's from now on. Empty if none was;
   * one for another kind of machine is ended, for its name is wanted.
   */
  Optional<Spare> take(MachineSpec spec) {
    Reserved held;
    synchronized (this) {
      held = reserved.remove(spec.id());
    }
    if (held == null) {
      return Optional.empty();
    }
    if (!held.of().equals(Spare.Kind.of(spec))) {
      maker.discard(held.spare());
      return Optional.empty();
    }
    return Optional.of(held.spare());
  }

  private void discardLater(Spare spare) {
    try {
      discards.execute(() -> maker.discard(spare));
    } catch (RejectedExecutionException closing) {
      maker.discard(spare);
    }
  }

  /** A pod is being started; none is begun meanwhile. */
  synchronized void podStarts() {
    starts++;
  }

  synchronized void podStarted() {
    starts--;
    resting = false;
    yielding = starts > 0 && yielding;
    notifyAll();
  }

  /** Ends those that nobody has reserved, also the one in the making, to make room for a pod. */
  void giveWay() {
    synchronized (givingWay) {
      List<Spare> given;
      synchronized (this) {
        yielding = true;
        given = List.copyOf(ready);
        ready.clear();
      }
      given.forEach(maker::discard);
      awaitMade();
    }
  }

  private synchronized void awaitMade() {
    try {
      while (making) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
          discardLater(spare);
        });
  }

  private void keep() {
    try {
      for (Spare.Kind next = next(); next != null; next = next()) {
        try {
          add(maker.make(next));
        } catch (RuntimeException e) {
          failed(e);
        } finally {
          made();
        }
      }
    } catch (InterruptedException e) {
      log.debug("no more spare machines are made", e);
    }
  }

  /** Waits until one is to be made; null at the end. */
  private synchronized Spare.@Nullable Kind next() throws InterruptedException {
    while (!closed
        && (resting || yielding || starts > 0 || ready.size() + reserved.size() >= wanted)) {
      wait();
    }
    making = !closed;
    return closed ? null : kind;
  }

  private synchronized void made() {
    making = false;
    notifyAll();
  }

  private void failed(RuntimeException e) {
    boolean expected;
    synchronized (this) {
      resting = true;
      expected = closed;
    }
    if (!expected) {
      log.warn("no spare machine could be made; pods start without it, which takes longer", e);
    }
  }

  /** Or ends it, if it is not wanted any more or has died meanwhile. */
  private void add(Spare made) {
    boolean added;
    synchronized (this) {
      added = !closed && !yielding && ready.size() < wanted && made.kind().equals(kind);
      if (added) {
        ready.addLast(made);
        notifyAll();
      }
    }
    if (!added) {
      maker.discard(made);
    } else if (!stands(made)) {
      domainStopped(
          new DomainStopped(
              DomainName.of(made.id()), DomainStopped.Reason.FAILED, "it did not stand for long"));
    }
  }

  /** Ends all of them; waits for the one that is being made. */
  @Override
  public void close() {
    Thread last;
    List<Spare> left = new ArrayList<>();
    synchronized (this) {
      closed = true;
      last = keeper;
      left.addAll(ready);
      ready.clear();
      reserved.values().forEach(held -> left.add(held.spare()));
      reserved.clear();
      notifyAll();
    }
    left.forEach(this::discardLater);
    discards.shutdown();
    try {
      if (last != null) {
        last.interrupt();
        last.join(ENDS_WITHIN);
      }
      if (!discards.awaitTermination(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        log.warn("spare machines are not gone yet; the next process on this root ends them");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
