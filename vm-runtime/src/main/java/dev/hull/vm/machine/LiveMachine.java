package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineEvent;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.MachineUsage;
import dev.hull.vm.PodConnection;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine that runs, in reach or not, or has stopped. Its lock guards journal and containers; it
 * is held while something is made or released, never while a program is waited for.
 */
final class LiveMachine implements Machine {
  private static final Logger log = LoggerFactory.getLogger(LiveMachine.class);
  // Beyond the containers' grace: sync, unmount, power off, QEMU's end.
  private static final Duration POWER_OFF = Duration.ofSeconds(15);
  private static final Duration SAYS_WHY = Duration.ofMillis(1500);
  private static final int LAST_WORDS = 5;

  private final MachineRuntime runtime;
  private final MachineHost host;
  private final MachineJournal journal;
  private final GuestAgent agent;
  private final MachineContents contents;
  private final List<TimelineStep> timeline;
  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch gone = new CountDownLatch(1);
  private final Map<String, LiveContainer> containers = new LinkedHashMap<>();
  private volatile MachineState state;
  private volatile boolean stopAsked;
  private boolean released;
  private boolean detached;

  LiveMachine(
      MachineRuntime runtime,
      MachineHost host,
      MachineJournal journal,
      GuestAgent agent,
      MachineState state,
      List<TimelineStep> timeline) {
    this.runtime = runtime;
    this.host = host;
    this.journal = journal;
    this.agent = agent;
    this.contents = new MachineContents(host, journal, agent);
    this.state = state;
    this.timeline = List.copyOf(timeline);
    this.released = journal.history().stopped();
    for (History.Container container : journal.history().containers()) {
      containers.put(container.planned().spec().id(), new LiveContainer(this, agent, container));
    }
  }

  /** Goes on with what the process before has begun, and waits for the ends of containers. */
  void watch() {
    locked(
        () -> {
          journal.history().containers().stream()
              .filter(container -> !(container.state().orElseThrow() instanceof State.Exited))
              .forEach(contents::resume);
          return true;
        });
    containers().forEach(container -> ((LiveContainer) container).watch());
  }

  @Override
  public MachineSpec spec() {
    return journal.history().spec();
  }

  @Override
  public MachineState state() {
    return state;
  }

  @Override
  public MachineSize size() {
    return locked(() -> journal.history().size());
  }

  @Override
  public void grow(MachineSize wanted) {
    locked(
        () -> {
          demandRunning("grow");
          guarded(() -> grown(wanted));
          return true;
        });
  }

  private boolean grown(MachineSize wanted) {
    History history = journal.history();
    DomainName name = DomainName.of(spec().id());
    MachineSize all = history.size().union(wanted);
    SizeRange sizes = host.hypervisor().sizes(name);
    if (!sizes.reaches(all)) {
      throw new MachineException(
          Kind.INVALID,
          "cannot grow machine %s to %s: %s is the most; start it anew"
              .formatted(shortId(), all, sizes.most()));
    }
    // Who asks for more takes a whole step; only what came with a template is lent.
    MachineSize asked =
        history.size().covers(wanted) ? history.wantedSize().union(wanted) : sizes.atLeast(all);
    MachineGrowth growth = new MachineGrowth(host, name, sizes, asked);
    growth.admit();
    append(new JournalRecord.Resized(asked, growth.size()));
    growth.plug();
    growth.takeUp(agent);
    return true;
  }

  @Override
  public MachineUsage usage(Duration deadline) {
    demandRunning("count what it uses");
    return guarded(() -> agent.usage(host.clock(), deadline));
  }

  @Override
  public byte[] note() {
    return journal.history().note();
  }

  @Override
  public String networkNamespace() {
    return host.network().namespace(spec());
  }

  @Override
  public List<TimelineStep> timeline() {
    return timeline;
  }

  String shortId() {
    return spec().id().shortForm();
  }

  <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  void demandRunning(String what) {
    switch (state) {
      case MachineState.Running running -> {}
      case MachineState.Unmanaged unmanaged -> throw beyondReach(what, unmanaged);
      case MachineState.Stopped stopped ->
          throw new MachineException(
              Kind.WRONG_STATE,
              "cannot %s: machine %s has stopped: %s".formatted(what, shortId(), stopped.reason()));
    }
    if (stopAsked) {
      throw new MachineException(
          Kind.WRONG_STATE, "cannot %s: machine %s is stopping".formatted(what, shortId()));
    }
  }

  private MachineException beyondReach(String what, MachineState.Unmanaged unmanaged) {
    return new MachineException(
        Kind.WRONG_STATE,
        "cannot %s: machine %s runs on and can only be stopped: %s"
            .formatted(what, shortId(), unmanaged.reason()));
  }

  /** A guest that breaks the protocol ends here, and nothing else does. */
  <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (MachineException e) {
      if (e.kind() == Kind.HOSTILE_GUEST) {
        lost(e.getMessage());
      }
      throw e;
    }
  }

  void guarded(Runnable work) {
    guarded(
        () -> {
          work.run();
          return true;
        });
  }

  @Override
  public GuestContainer createContainer(ContainerSpec spec, byte[] note) {
    return locked(
        () -> {
          demandRunning("create container " + spec.id());
          if (containers.containsKey(spec.id())) {
            throw new MachineException(
                Kind.ALREADY_EXISTS,
                "machine %s has a container %s".formatted(shortId(), spec.id()));
          }
          History.Container made = guarded(() -> contents.create(spec, note));
          LiveContainer container = new LiveContainer(this, agent, made);
          containers.put(spec.id(), container);
          return container;
        });
  }

  @Override
  public List<GuestContainer> containers() {
    return locked(() -> List.copyOf(containers.values()));
  }

  @Override
  public Optional<GuestContainer> container(String id) {
    return locked(() -> Optional.ofNullable(containers.get(id)));
  }

  /** Under the lock. */
  void append(JournalRecord record) {
    if (!detached) {
      journal.append(record);
    }
  }

  /**
   * Under the lock: the guest has changed a container's limits. If that cannot be written down, it
   * changes them back.
   */
  JournalRecord.ContainerPlanned updated(
      ContainerSpec before, ContainerSpec.Resources resources, int oomScoreAdj, byte[] note) {
    try {
      append(
          new JournalRecord.ContainerUpdated(
              before.id(), resources, oomScoreAdj, ByteString.copyFrom(note)));
    } catch (MachineException e) {
      try {
        agent.update(before.id(), before.resources(), before.program().oomScoreAdj());
      } catch (MachineException undo) {
        e.addSuppressed(undo);
      }
      throw e;
    }
    return journal.history().container(before.id()).orElseThrow().planned();
  }

  /** Under the lock. */
  void removeContainer(String id) {
    switch (state) {
      case MachineState.Running running -> guarded(() -> contents.remove(id));
      case MachineState.Unmanaged unmanaged ->
          throw beyondReach("remove container " + id, unmanaged);
      case MachineState.Stopped stopped -> append(new JournalRecord.ContainerRemoved(id));
    }
    containers.remove(id);
  }

  void containerExited(String id) {
    runtime.events().tell(new MachineEvent.ContainerExited(spec().id(), id));
  }

  @Override
  public PodConnection connect(int port) {
    demandRunning("connect to port " + port);
    return new GuardedConnection(this, guarded(() -> agent.connect(port)));
  }

  @Override
  public void stop(Duration grace) {
    boolean running =
        locked(
            () -> {
              if (state instanceof MachineState.Running && !stopAsked) {
                stopAsked = true;
                announce(true, "it was asked to stop");
                return true;
              }
              return false;
            });
    if (running) {
      powerOff(grace);
    }
    end(true, "it was asked to stop");
  }

  private void powerOff(Duration grace) {
    Duration deadline = grace.plus(POWER_OFF);
    try {
      agent.powerOff(grace, deadline);
      if (!gone.await(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn(
            "a guest did not power off in {} and is destroyed machine={}", deadline, shortId());
      }
    } catch (MachineException e) {
      // The answer may be lost with the machine; if the agent cannot be asked, force remains.
      if (e.kind() == Kind.UNAVAILABLE) {
        awaitGone(Duration.ofSeconds(1));
      } else {
        log.warn("a guest did not take the order to power off machine={}", shortId(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitGone(Duration time) {
    try {
      boolean ended = gone.await(time.toMillis(), TimeUnit.MILLISECONDS);
      log.debug("its agent is silent machine={} ended={}", shortId(), ended);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The hypervisor says that the domain has ended. Returns at once. */
  void domainStopped(DomainStopped stopped) {
    gone.countDown();
    Thread.ofVirtual()
        .name("ended-" + shortId())
        .start(() -> endQuietly(stopAsked, reason(stopped)));
  }

  /** The machine is of no more use. Returns at once. */
  void lost(String reason) {
    Thread.ofVirtual().name("lost-" + shortId()).start(() -> endQuietly(false, reason));
  }

  /**
   * Its agent cannot be reached any more. Often that is the first that is seen of the domain's end:
   * then the hypervisor is about to say why it ended. Returns at once.
   */
  void unreachable(String reason) {
    Thread.ofVirtual()
        .name("unreachable-" + shortId())
        .start(
            () -> {
              awaitGone(SAYS_WHY);
              if (gone.getCount() > 0) {
                endQuietly(false, reason);
              }
            });
  }

  private void endQuietly(boolean asked, String reason) {
    try {
      end(asked, reason);
    } catch (MachineException e) {
      log.error(
          "a machine has ended, and not all of it could be released; stop or remove it to try again machine={}",
          shortId(),
          e);
    }
  }

  private String reason(DomainStopped stopped) {
    return switch (stopped.reason()) {
      case POWERED_OFF, CRASHED -> {
        List<String> words =
            ConsoleLog.tail(new MachineFolder(journal.folder()).console().log(), LAST_WORDS);
        yield stopped.detail()
            + (words.isEmpty() ? "" : "; its last words: " + String.join(" | ", words));
      }
      case DESTROYED, FAILED -> stopped.detail();
    };
  }

  /** Ends the domain if it has not ended, and releases all. */
  private void end(boolean asked, String reason) {
    lock.lock();
    try {
      if (detached || released) {
        return;
      }
      announce(asked, reason);
      contents.close();
      agent.close();
      try {
        new Release(host).all(journal);
        appendIfPossible(new JournalRecord.Stopped());
        released = true;
      } finally {
        stopped(asked, reason);
      }
    } finally {
      lock.unlock();
    }
  }

  private void announce(boolean asked, String reason) {
    if (journal.history().stopping().isEmpty()) {
      appendIfPossible(new JournalRecord.Stopping(host.clock().instant(), asked, reason));
    }
  }

  /**
   * A full disk must not keep a machine from ending: without the record a successor finds no domain
   * and comes to the same end.
   */
  private void appendIfPossible(JournalRecord record) {
    try {
      journal.append(record);
    } catch (MachineException e) {
      log.error("the end of a machine could not be written down machine={}", shortId(), e);
    }
  }

  private void stopped(boolean asked, String reason) {
    if (state instanceof MachineState.Stopped) {
      return;
    }
    MachineState.Stopped stopped =
        journal
            .history()
            .stopping()
            .map(record -> new MachineState.Stopped(record.at(), record.asked(), record.reason()))
            .orElseGet(() -> new MachineState.Stopped(host.clock().instant(), asked, reason));
    state = stopped;
    containers.values().forEach(container -> container.machineStopped(stopped));
    if (!stopped.asked()) {
      log.warn("a machine died machine={} reason={}", shortId(), stopped.reason());
      runtime.events().tell(new MachineEvent.MachineStopped(spec().id(), stopped));
    }
  }

  @Override
  public void remove() {
    stopAsked = true;
    end(true, "it was removed");
    lock.lock();
    try {
      if (detached) {
        return;
      }
      journal.append(new JournalRecord.Removing());
      new MachineFolder(journal.folder()).delete();
      detached = true;
      journal.close();
      runtime.forget(spec().id());
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of it; a later process adopts it. */
  void detach() {
    agent.close();
    lock.lock();
    try {
      contents.close();
      if (!detached) {
        detached = true;
        journal.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
