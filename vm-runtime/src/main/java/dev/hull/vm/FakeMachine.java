package dev.hull.vm;

import dev.hull.vm.MachineException.Kind;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A machine of {@link FakeMachines}. */
final class FakeMachine implements Machine {
  private static final long MIB = 1L << 20;

  private final FakeMachines owner;
  private final MachineSpec spec;
  private final byte[] note;
  private final Clock clock;
  private final FakeLeaks leaks;
  private final FakeLeaks.Token token;
  private final Map<String, FakeContainer> containers = new LinkedHashMap<>();
  private final List<FakeConnection> connections = new ArrayList<>();
  private MachineState state;
  private MachineSize size;
  private @Nullable MachineUsage usage;
  private boolean hangs;

  FakeMachine(
      FakeMachines owner,
      MachineSpec spec,
      byte[] note,
      InetAddress address,
      Clock clock,
      FakeLeaks leaks) {
    this.owner = owner;
    this.spec = spec;
    this.note = note.clone();
    this.clock = clock;
    this.leaks = leaks;
    this.token = leaks.opened("machine " + spec.id());
    this.size = spec.size();
    this.state = new MachineState.Running(clock.instant(), List.of(address));
  }

  @Override
  public MachineSpec spec() {
    return spec;
  }

  @Override
  public synchronized MachineState state() {
    return state;
  }

  @Override
  public synchronized MachineSize size() {
    return size;
  }

  @Override
  public void grow(MachineSize wanted) {
    owner.failIfAsked(FakeMachines.Operation.GROW);
    synchronized (this) {
      demandRunning("grow");
      if (!FakeMachines.MOST.covers(wanted)) {
        throw new MachineException(
            Kind.INVALID,
            "cannot grow machine %s to %s: %s is the most; start it anew"
                .formatted(spec.id().shortForm(), wanted, FakeMachines.MOST));
      }
      size = size.union(wanted);
    }
  }

  @Override
  public MachineUsage usage(Duration deadline) {
    owner.failIfAsked(FakeMachines.Operation.USAGE);
    demandRunning("count what it uses");
    synchronized (this) {
      if (hangs) {
        awaitEnd(deadline);
        throw new MachineException(
            Kind.DEADLINE, "cannot ask the guest what it uses: no answer in " + deadline);
      }
      if (usage != null) {
        return usage;
      }
      MachineUsage.Container nothing =
          new MachineUsage.Container(
              MachineUsage.Counters.NONE, Optional.empty(), OptionalLong.empty());
      return new MachineUsage(
          clock.instant(),
          MachineUsage.Counters.NONE,
          size.memoryMib() * MIB,
          size.memoryMib() * MIB,
          List.of(),
          Optional.empty(),
          containers.keySet().stream().collect(Collectors.toMap(id -> id, id -> nothing)));
    }
  }

  private synchronized void awaitEnd(Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      for (long left = deadline.toMillis();
          left > 0 && state instanceof MachineState.Running;
          left = (end - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void usage(MachineUsage counted) {
    usage = counted;
  }

  synchronized void unmanage(String reason) {
    state = new MachineState.Unmanaged(reason);
  }

  synchronized void hang() {
    hangs = true;
  }

  @Override
  public byte[] note() {
    return note.clone();
  }

  @Override
  public String networkNamespace() {
    return "/run/netns/hull-" + spec.id().shortForm();
  }

  @Override
  public List<TimelineStep> timeline() {
    return List.of(
        new TimelineStep("network", Duration.ZERO, Duration.ofMillis(1)),
        new TimelineStep("domain", Duration.ofMillis(1), Duration.ofMillis(2)),
        new TimelineStep("agent", Duration.ofMillis(3), Duration.ofMillis(4)));
  }

  @Override
  public GuestContainer createContainer(ContainerSpec containerSpec, byte[] containerNote) {
    owner.failIfAsked(FakeMachines.Operation.CREATE_CONTAINER);
    synchronized (this) {
      demandRunning("create container " + containerSpec.id());
      if (containers.containsKey(containerSpec.id())) {
        throw new MachineException(
            Kind.ALREADY_EXISTS,
            "machine " + spec.id().shortForm() + " has a container " + containerSpec.id());
      }
      FakeContainer container = new FakeContainer(this, containerSpec, containerNote, clock, leaks);
      containers.put(containerSpec.id(), container);
      return container;
    }
  }

  @Override
  public synchronized List<GuestContainer> containers() {
    return List.copyOf(containers.values());
  }

  @Override
  public synchronized Optional<GuestContainer> container(String id) {
    return Optional.ofNullable(containers.get(id));
  }

  @Override
  public PodConnection connect(int port) {
    demandRunning("connect to port " + port);
    FakeServer server = owner.server(port);
    if (server == null) {
      throw new MachineException(
          Kind.WRONG_STATE,
          "cannot forward port %d: nothing listens on localhost there".formatted(port));
    }
    FakeConnection connection = new FakeConnection(server, leaks.opened("connection"));
    synchronized (this) {
      connections.add(connection);
    }
    return connection;
  }

  @Override
  public void stop(Duration grace) {
    owner.failIfAsked(FakeMachines.Operation.STOP);
    end(true, "it was asked to stop");
  }

  /** False if it had ended before. */
  boolean end(boolean asked, String reason) {
    List<FakeContainer> ended;
    List<FakeConnection> broken;
    synchronized (this) {
      if (state instanceof MachineState.Stopped) {
        return false;
      }
      state = new MachineState.Stopped(clock.instant(), asked, reason);
      ended = List.copyOf(containers.values());
      broken = List.copyOf(connections);
    }
    broken.forEach(FakeConnection::breakOff);
    ended.forEach(container -> container.vanish(reason));
    return true;
  }

  @Override
  public void remove() {
    owner.failIfAsked(FakeMachines.Operation.REMOVE);
    end(true, "it was removed");
    owner.forget(spec.id());
    token.close();
  }

  synchronized void demandRunning(String what) {
    switch (state) {
      case MachineState.Running running -> {}
      case MachineState.Unmanaged(String reason) ->
          throw new MachineException(
              Kind.WRONG_STATE,
              "cannot %s: machine %s runs on and can only be stopped: %s"
                  .formatted(what, spec.id().shortForm(), reason));
      case MachineState.Stopped stopped ->
          throw new MachineException(
              Kind.WRONG_STATE,
              "cannot %s: machine %s has stopped: %s"
                  .formatted(what, spec.id().shortForm(), stopped.reason()));
    }
  }

  void failIfAsked(FakeMachines.Operation operation) {
    owner.failIfAsked(operation);
  }

  @Nullable FakeProgram program(List<String> args) {
    return owner.program(args);
  }

  /** Not called for containers that end with their machine. */
  void containerExited(String id) {
    if (state() instanceof MachineState.Running) {
      owner.tell(new MachineEvent.ContainerExited(spec.id(), id));
    }
  }

  synchronized void forget(String id) {
    containers.remove(id);
  }

  synchronized FakeContainer demandContainer(String id) {
    FakeContainer container = containers.get(id);
    if (container == null) {
      throw new IllegalArgumentException("no container " + id + " in " + spec.id());
    }
    return container;
  }
}
