package dev.hull.vm;

import dev.hull.vm.MachineException.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Machines in memory, for tests of what builds on {@link Machines}: strict about states, with
 * programs that are Java functions, and with faults on demand.
 *
 * <pre>{@code
 * FakeMachines machines = new FakeMachines(Clock.systemUTC());
 * machines.programs(args -> args.getFirst().equals("echo") ? FakeProgram.prints("hi\n") : FakeProgram.SLEEPS);
 * ...
 * machines.kill(id, "QEMU was killed");
 * machines.checkNothingLeaked();
 * }</pre>
 */
public final class FakeMachines implements Machines {
  /** What {@link #failNext} can make fail. */
  public enum Operation {
    START,
    CREATE_CONTAINER,
    GROW,
    USAGE,
    UPDATE,
    STOP,
    REMOVE
  }

  /** No machine grows beyond it. */
  public static final MachineSize MOST = new MachineSize(8, 8192);

  private final Clock clock;
  private final FakeLeaks leaks = new FakeLeaks();
  private final Map<MachineId, FakeMachine> machines = new LinkedHashMap<>();
  private final Map<Integer, FakeServer> servers = new LinkedHashMap<>();
  private final Map<Operation, MachineException> faults = new EnumMap<>(Operation.class);
  private final List<Consumer<MachineEvent>> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService events =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("fake-events").factory());
  private Function<List<String>, @Nullable FakeProgram> programs = args -> FakeProgram.SLEEPS;
  private final Random random = new Random(42);
  private int addresses;
  private int spares;
  private boolean closed;

  public FakeMachines(Clock clock) {
    this.clock = clock;
  }

  /** Says what a program does by its arguments; null for one that does not exist. */
  public synchronized void programs(Function<List<String>, @Nullable FakeProgram> programs) {
    this.programs = programs;
  }

  /** From now on a server listens on this port of every pod's localhost. */
  public synchronized void server(int port, FakeServer server) {
    servers.put(port, server);
  }

  /** The next call of {@code operation} throws {@code fault} and changes nothing. */
  public synchronized void failNext(Operation operation, MachineException fault) {
    faults.put(operation, fault);
  }

  /** The machine dies by itself; listeners are told. */
  public void kill(MachineId id, String reason) {
    FakeMachine machine = demand(id);
    if (machine.end(false, reason) && machine.state() instanceof MachineState.Stopped stopped) {
      tell(new MachineEvent.MachineStopped(id, stopped));
    }
  }

  /** The container is killed as by the kernel's OOM killer. */
  public void oomKill(MachineId id, String containerId) {
    demand(id).demandContainer(containerId).oomKill();
  }

  /** From now on the machine's guest counts this, instead of nothing for each container. */
  public void usage(MachineId id, MachineUsage usage) {
    demand(id).usage(usage);
  }

  /** From now on the machine's guest does not say what it uses until the deadline is over. */
  public void hang(MachineId id) {
    demand(id).hang();
  }

  /** Whoever opens these machines next cannot speak with this one's agent. */
  public void unmanage(MachineId id, String reason) {
    demand(id).unmanage(reason);
  }

  /**
   * Undoes {@link #close}, as a new process on the same root does: machines and containers are
   * there, listeners are not.
   */
  public synchronized void reopen() {
    closed = false;
    listeners.clear();
  }

  /**
   * Throws if a machine was not removed, or an output, exec or connection not closed, with who
   * opened it.
   */
  public void checkNothingLeaked() {
    leaks.check();
  }

  @Override
  public synchronized boolean prepare(MachineSize size) {
    demandOpen();
    return true;
  }

  /** They are made at once, and are like any other. */
  @Override
  public synchronized void keepSpares(int count, MachineSize size, long scratchBytes) {
    demandOpen();
    spares = count;
  }

  @Override
  public synchronized int spares() {
    demandOpen();
    return spares;
  }

  @Override
  public synchronized Reservation reserve(MachineSize size, long scratchBytes) {
    demandOpen();
    MachineId id = MachineId.random(random);
    FakeLeaks.Token reserved = leaks.opened("the reservation of a machine's id");
    return new Reservation() {
      @Override
      public MachineId id() {
        return id;
      }

      @Override
      public void close() {
        reserved.close();
      }
    };
  }

  @Override
  public Machine start(MachineSpec spec, byte[] note) {
    failIfAsked(Operation.START);
    synchronized (this) {
      demandOpen();
      if (machines.containsKey(spec.id())) {
        throw new MachineException(
            Kind.ALREADY_EXISTS, "there is a machine " + spec.id().shortForm());
      }
      addresses++;
      FakeMachine machine = new FakeMachine(this, spec, note, address(addresses), clock, leaks);
      machines.put(spec.id(), machine);
      return machine;
    }
  }

  private static InetAddress address(int number) {
    try {
      return InetAddress.getByAddress(new byte[] {10, 99, (byte) (number >> 8), (byte) number});
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public synchronized List<Machine> list() {
    demandOpen();
    return List.copyOf(machines.values());
  }

  @Override
  public synchronized Optional<Machine> find(MachineId id) {
    demandOpen();
    return Optional.ofNullable(machines.get(id));
  }

  @Override
  public void onEvent(Consumer<MachineEvent> listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void demandOpen() {
    if (closed) {
      throw new IllegalStateException("these machines were closed");
    }
  }

  private synchronized FakeMachine demand(MachineId id) {
    FakeMachine machine = machines.get(id);
    if (machine == null) {
      throw new IllegalArgumentException("no machine " + id);
    }
    return machine;
  }

  void failIfAsked(Operation operation) {
    MachineException fault;
    synchronized (this) {
      fault = faults.remove(operation);
    }
    if (fault != null) {
      throw fault;
    }
  }

  synchronized @Nullable FakeProgram program(List<String> args) {
    return programs.apply(args);
  }

  synchronized @Nullable FakeServer server(int port) {
    return servers.get(port);
  }

  void tell(MachineEvent event) {
    events.execute(() -> listeners.forEach(listener -> listener.accept(event)));
  }

  synchronized void forget(MachineId id) {
    machines.remove(id);
  }
}
