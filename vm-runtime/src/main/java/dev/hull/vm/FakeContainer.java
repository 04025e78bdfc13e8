package dev.hull.vm;

import dev.hull.vm.MachineException.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A container of a {@link FakeMachine}. */
final class FakeContainer implements GuestContainer {
  private final FakeMachine machine;
  private ContainerSpec spec;
  private byte[] note;
  private final Clock clock;
  private final FakeLeaks leaks;
  private final List<FakeExec> execs = new ArrayList<>();
  private Optional<User> user = Optional.empty();
  private State state;
  private @Nullable FakeProcess process;
  private boolean oom;
  private boolean removed;

  FakeContainer(
      FakeMachine machine, ContainerSpec spec, byte[] note, Clock clock, FakeLeaks leaks) {
    this.machine = machine;
    this.spec = spec;
    this.note = note.clone();
    this.clock = clock;
    this.leaks = leaks;
    this.state = new State.Created(clock.instant());
  }

  @Override
  public synchronized ContainerSpec spec() {
    return spec;
  }

  @Override
  public synchronized byte[] note() {
    return note.clone();
  }

  @Override
  public synchronized State state() {
    return state;
  }

  @Override
  public void update(ContainerSpec.Resources resources, int oomScoreAdj, byte[] other) {
    machine.failIfAsked(FakeMachines.Operation.UPDATE);
    machine.demandRunning("change the limits of container " + spec().id());
    synchronized (this) {
      demandPresent();
      if (state instanceof State.Exited) {
        throw new MachineException(
            Kind.WRONG_STATE,
            "cannot change the limits of container " + spec.id() + ": it has exited");
      }
      spec = spec.withLimits(resources, oomScoreAdj);
      note = other.clone();
    }
  }

  @Override
  public void start() {
    machine.demandRunning("start container " + spec.id());
    synchronized (this) {
      demandPresent();
      if (!(state instanceof State.Created created)) {
        throw new MachineException(
            Kind.WRONG_STATE, "cannot start container " + spec.id() + ": it was started before");
      }
      Instant now = clock.instant();
      FakeProgram program = machine.program(spec.program().args());
      if (program == null) {
        String reason = spec.program().args().getFirst() + ": no such program";
        state = new State.Exited(created.createdAt(), Instant.EPOCH, now, 128, false, reason);
        throw new MachineException(
            Kind.INVALID, "cannot start container " + spec.id() + ": " + reason);
      }
      state = new State.Running(created.createdAt(), now, 100);
      user = Optional.of(resolve(spec.program().user()));
      process =
          new FakeProcess(
              program,
              spec.program().args(),
              spec.program().stdin(),
              spec.program().terminal(),
              clock,
              leaks,
              code -> exited(code, ""));
      process.start();
    }
  }

  @Override
  public synchronized Optional<User> user() {
    return user;
  }

  /** By numbers only; there is no image to look names up in. */
  private static User resolve(ContainerSpec.User asked) {
    int[] numbers =
        Arrays.stream(asked.name().split(":", 2))
            .mapToInt(part -> part.matches("[0-9]{1,9}") ? Integer.parseInt(part) : 0)
            .toArray();
    int gid = numbers.length > 1 ? numbers[1] : 0;
    List<Integer> groups = new ArrayList<>(List.of(gid));
    groups.addAll(asked.supplementalGroups());
    return new User(numbers[0], gid, groups);
  }

  private void exited(int code, String message) {
    synchronized (this) {
      if (!(state instanceof State.Running running)) {
        return;
      }
      state =
          new State.Exited(
              running.createdAt(), running.startedAt(), clock.instant(), code, oom, message);
      execs.forEach(exec -> exec.process.signal(9));
      notifyAll();
    }
    machine.containerExited(spec.id());
  }

  /** Ends as the kernel's OOM killer would end it. */
  void oomKill() {
    FakeProcess running;
    synchronized (this) {
      oom = true;
      running = demandProcess();
    }
    running.signal(9);
  }

  /** The machine has ended. */
  void vanish(String reason) {
    FakeProcess running;
    synchronized (this) {
      running = process;
      execs.forEach(exec -> exec.process.vanish());
      switch (state) {
        case State.Created created ->
            state =
                new State.Exited(
                    created.createdAt(), Instant.EPOCH, clock.instant(), 137, false, reason);
        case State.Running run ->
            state =
                new State.Exited(
                    run.createdAt(), run.startedAt(), clock.instant(), 137, false, reason);
        case State.Exited exited -> {}
      }
      notifyAll();
    }
    if (running != null) {
      running.vanish();
    }
  }

  @Override
  public void signal(int signal, boolean allProcesses) {
    FakeProcess target;
    synchronized (this) {
      demandPresent();
      if (state instanceof State.Exited) {
        return;
      }
      target = demandProcess();
      if (allProcesses) {
        execs.forEach(exec -> exec.process.signal(signal));
      }
    }
    target.signal(signal);
  }

  private FakeProcess demandProcess() {
    FakeProcess running = process;
    if (running == null) {
      throw new MachineException(
          Kind.WRONG_STATE, "container " + spec.id() + " has not been started");
    }
    return running;
  }

  private void demandPresent() {
    if (removed) {
      throw new MachineException(Kind.NOT_FOUND, "there is no container " + spec.id());
    }
  }

  @Override
  public synchronized State.Exited await(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      if (state instanceof State.Exited exited) {
        return exited;
      }
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new MachineException(
            Kind.DEADLINE, "container " + spec.id() + " has not exited after " + timeout);
      }
      try {
        wait(left);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new MachineException(
            Kind.UNAVAILABLE, "interrupted while waiting for " + spec.id(), interrupted);
      }
    }
  }

  @Override
  public void remove() {
    FakeProcess running;
    synchronized (this) {
      if (removed) {
        return;
      }
      running = process;
    }
    if (running != null) {
      running.signal(9);
    }
    synchronized (this) {
      removed = true;
    }
    machine.forget(spec.id());
  }

  @Override
  public synchronized Output output(long offset) {
    demandPresent();
    machine.demandRunning("read the output of container " + spec.id());
    return demandProcess().output(offset);
  }

  @Override
  public synchronized Input input() {
    demandPresent();
    machine.demandRunning("write to container " + spec.id());
    if (!(state instanceof State.Running)) {
      throw new MachineException(
          Kind.WRONG_STATE, "cannot write to container " + spec.id() + ": it does not run");
    }
    return demandProcess();
  }

  @Override
  public Exec exec(Command command) {
    machine.demandRunning("exec in container " + spec.id());
    FakeProgram program = machine.program(command.args());
    synchronized (this) {
      demandPresent();
      if (!(state instanceof State.Running)) {
        throw new MachineException(
            Kind.WRONG_STATE, "cannot exec in container " + spec.id() + ": it does not run");
      }
      if (program == null) {
        throw new MachineException(
            Kind.INVALID,
            "cannot exec in container "
                + spec.id()
                + ": "
                + command.args().getFirst()
                + ": no such program");
      }
      FakeExec exec =
          new FakeExec(
              command,
              new FakeProcess(
                  program,
                  command.args(),
                  command.stdin(),
                  command.terminal(),
                  clock,
                  leaks,
                  code -> {}),
              leaks.opened("exec"));
      execs.add(exec);
      exec.process.start();
      return exec;
    }
  }

  /** A process of {@link #exec}. */
  private static final class FakeExec implements Exec {
    private final Command command;
    private final FakeProcess process;
    private final FakeLeaks.Token token;

    FakeExec(Command command, FakeProcess process, FakeLeaks.Token token) {
      this.command = command;
      this.process = process;
      this.token = token;
    }

    @Override
    public Output output() {
      return process.output(0);
    }

    @Override
    public void write(byte[] data) {
      process.write(data);
    }

    @Override
    public void closeInput() {
      process.closeInput();
    }

    @Override
    public void resize(int columns, int rows) {
      process.resize(columns, rows);
    }

    @Override
    public void signal(int signal) {
      process.signal(signal);
    }

    @Override
    public int await(Duration timeout) {
      Integer code = process.await(timeout);
      if (code == null) {
        throw new MachineException(
            Kind.DEADLINE,
            "the process " + command.args().getFirst() + " has not exited after " + timeout);
      }
      return code;
    }

    @Override
    public void close() {
      process.signal(9);
      token.close();
    }
  }
}
