package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineEvent;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.Machines;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.Journal;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machines of one folder. Opening it adopts or releases what a process before has left. */
public final class MachineRuntime implements Machines {
  private static final Logger log = LoggerFactory.getLogger(MachineRuntime.class);

  private final MachineConfig config;
  private final MachineHost host;
  private final Journal journal;
  private final Events events = new Events();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("machine-", 0).factory());
  private final Map<MachineId, LiveMachine> machines = new ConcurrentHashMap<>();
  // What could not be released; tried again when the machine is started anew.
  private final Map<String, MachineJournal> leftovers = new ConcurrentHashMap<>();
  private final Set<String> starting = ConcurrentHashMap.newKeySet();
  private final Spares spares;
  private volatile boolean closed;

  /**
   * Takes up the machines of the folder; seconds if there are some whose agents must be found.
   *
   * @param listener is told of every record that has become durable
   */
  public MachineRuntime(MachineConfig config, MachineHost host, JournalListener listener) {
    this.config = config;
    this.host = host;
    this.journal = new Journal(config.folder(), listener);
    this.spares = new Spares(host, config, new SpareMaker(host, config, journal, threads));
    host.hypervisor().onStopped(this::domainStopped);
    List<CompletableFuture<Void>> adoptions = new ArrayList<>();
    for (MachineJournal left : journal.open()) {
      adoptions.add(CompletableFuture.runAsync(() -> adopt(left), threads));
    }
    adoptions.forEach(CompletableFuture::join);
  }

  private void adopt(MachineJournal left) {
    History history = left.history();
    String id = history.spec().id().shortForm();
    GuestAgent agent = agent(left);
    try {
      switch (new Adoption(host).adopt(left, agent)) {
        case Adoption.Outcome.Forgotten forgotten -> {
          agent.close();
          left.close();
          log.info("released what a machine had left machine={}", id);
        }
        case Adoption.Outcome.Stopped ended -> {
          agent.close();
          register(left, agent, stopped(history), List.of());
        }
        case Adoption.Outcome.Running runs -> {
          LiveMachine machine =
              register(left, agent, running(history, history.startedAt().orElseThrow()), List.of());
          machine.watch();
          log.info("adopted machine={} containers={}", id, history.containers().size());
        }
        case Adoption.Outcome.Unmanaged(String reason) -> {
          register(left, agent, new MachineState.Unmanaged(reason), List.of());
          log.error(
              "a machine runs on and cannot be managed; stop it when it may end machine={} reason={}",
              id,
              reason);
        }
      }
    } catch (MachineException e) {
      agent.close();
      log.error("a machine can be neither adopted nor released now machine={}", id, e);
      if (history.startedAt().isPresent() && !history.removing()) {
        register(left, agent, stopped(history), List.of());
      } else {
        leftovers.put(id, left);
      }
    }
  }

  private MachineState.Stopped stopped(History history) {
    return history
        .stopping()
        .map(record -> new MachineState.Stopped(record.at(), record.asked(), record.reason()))
        .orElseGet(
            () ->
                new MachineState.Stopped(
                    host.clock().instant(), false, "it could not be taken up; see the log"));
  }

  private static MachineState running(History history, Instant since) {
    List<InetAddress> addresses =
        history.lease().stream()
            .flatMap(lease -> lease.addresses().stream())
            .map(address -> InetAddress.ofLiteral(address.substring(0, address.indexOf('/'))))
            .toList();
    return new MachineState.Running(since, addresses);
  }

  private LiveMachine register(
      MachineJournal own, GuestAgent agent, MachineState state, List<Machine.TimelineStep> steps) {
    LiveMachine machine = new LiveMachine(this, host, own, agent, state, steps);
    MachineId id = own.history().spec().id();
    machines.put(id, machine);
    // It may have ended before there was a machine to be told.
    if (!(state instanceof MachineState.Stopped)
        && host.hypervisor().state(DomainName.of(id)).isEmpty()) {
      machine.domainStopped(
          new DomainStopped(
              DomainName.of(id), DomainStopped.Reason.FAILED, "it ended right after its start"));
    }
    return machine;
  }

  private GuestAgent agent(MachineJournal own) {
    return new GuestAgent(new MachineFolder(own.folder()).ports(), threads);
  }

  @Override
  public boolean prepare(MachineSize size) {
    demandOpen();
    return config.templates().prepare(size);
  }

  @Override
  public void keepSpares(int count, MachineSize size, long scratchBytes) {
    demandOpen();
    spares.keep(count, new Spare.Kind(size, scratchBytes));
  }

  @Override
  public int spares() {
    return spares.ready();
  }

  @Override
  public Reservation reserve(MachineSize size, long scratchBytes) {
    demandOpen();
    return spares.reserve(new Spare.Kind(size, scratchBytes));
  }

  @Override
  public Machine start(MachineSpec spec, byte[] note) {
    demandOpen();
    String id = spec.id().shortForm();
    if (machines.containsKey(spec.id()) || !starting.add(id)) {
      throw new MachineException(Kind.ALREADY_EXISTS, "there is a machine " + id);
    }
    spares.podStarts();
    try {
      retryLeftover(id);
      Steps steps = new Steps(new Timeline(), threads);
      Optional<Spare> spare = spares.take(spec);
      if (spare.isPresent()) {
        Optional<Machine> machine = startSpare(spare.get(), spec, note, steps);
        if (machine.isPresent()) {
          return machine.get();
        }
      }
      return startNew(spec, note, steps);
    } finally {
      spares.podStarted();
      starting.remove(id);
    }
  }

  private Machine startNew(MachineSpec spec, byte[] note, Steps steps) {
    admit(spec);
    MachineJournal own;
    try {
      own = journal.begin(spec, note);
    } catch (MachineException e) {
      host.admission().release(DomainName.of(spec.id()).value());
      throw e;
    }
    GuestAgent agent = agent(own);
    try {
      new MachineStart(host, config, own, steps).run(agent);
      return register(own, agent, steps);
    } catch (RuntimeException e) {
      agent.close();
      undo(own, e);
      throw e;
    } catch (Error e) {
      // Nothing is undone, as if the process had been killed; the agent's line is let go of, too.
      agent.close();
      throw e;
    }
  }

  /**
   * Empty if it is of no use, and nothing of it is left. Throws where another one would fare no
   * better.
   */
  private Optional<Machine> startSpare(Spare spare, MachineSpec spec, byte[] note, Steps steps) {
    Optional<MachineStart> start = Optional.empty();
    try {
      spare.journal().append(new JournalRecord.Assigned(spec, ByteString.copyFrom(note)));
      start = Optional.of(new MachineStart(host, config, spare.journal(), steps));
      start.get().runSpare(spare.agent(), spare.sizes());
      return Optional.of(register(spare.journal(), spare.agent(), steps));
    } catch (RuntimeException e) {
      spare.agent().close();
      undo(spare.journal(), e);
      if (start.map(MachineStart::isNetworksFault).orElse(false)
          || leftovers.containsKey(spec.id().shortForm())) {
        throw e;
      }
      log.warn(
          "a spare machine is of no use, so another one is started machine={}",
          spec.id().shortForm(),
          e);
      return Optional.empty();
    } catch (Error e) {
      spare.agent().close();
      throw e;
    }
  }

  /** Spare machines make room. */
  private void admit(MachineSpec spec) {
    String name = DomainName.of(spec.id()).value();
    try {
      host.admission().admit(name, spec.size());
    } catch (MachineException e) {
      if (e.kind() != Kind.EXHAUSTED) {
        throw e;
      }
      spares.giveWay();
      host.admission().admit(name, spec.size());
    }
  }

  private LiveMachine register(MachineJournal own, GuestAgent agent, Steps steps) {
    return register(
        own, agent, running(own.history(), own.history().startedAt().orElseThrow()), steps.taken());
  }

  private void undo(MachineJournal own, RuntimeException failure) {
    try {
      new Release(host).forget(own);
    } catch (MachineException e) {
      failure.addSuppressed(e);
      log.error(
          "a start failed, and not all of it could be released; it is tried again with the next start of this machine or of hull machine={}",
          own.history().spec().id().shortForm(),
          e);
      leftovers.put(own.history().spec().id().shortForm(), own);
    }
  }

  private void retryLeftover(String id) {
    MachineJournal left = leftovers.get(id);
    if (left != null) {
      new Release(host).forget(left);
      leftovers.remove(id);
    }
  }

  private void demandOpen() {
    if (closed) {
      throw new IllegalStateException("these machines were closed");
    }
  }

  private void domainStopped(DomainStopped stopped) {
    spares.domainStopped(stopped);
    machines.values().stream()
        .filter(machine -> DomainName.of(machine.spec().id()).equals(stopped.domain()))
        .forEach(machine -> machine.domainStopped(stopped));
  }

  Events events() {
    return events;
  }

  void forget(MachineId id) {
    machines.remove(id);
  }

  @Override
  public List<Machine> list() {
    return List.copyOf(machines.values());
  }

  @Override
  public Optional<Machine> find(MachineId id) {
    return Optional.ofNullable(machines.get(id));
  }

  @Override
  public void onEvent(Consumer<MachineEvent> listener) {
    events.add(listener);
  }

  /** Does not close the hypervisor, which was given. */
  @Override
  public void close() {
    closed = true;
    spares.close();
    machines.values().forEach(LiveMachine::detach);
    leftovers.values().forEach(MachineJournal::close);
    events.close();
    journal.close();
    threads.shutdown();
  }
}
