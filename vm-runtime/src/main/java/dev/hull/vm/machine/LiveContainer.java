package dev.hull.vm.machine;

import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineState;
import dev.hull.vm.guest.ContainerReport;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.JournalRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container of a {@link LiveMachine}. While it runs, a thread waits for its end. */
final class LiveContainer implements GuestContainer {
  private static final Logger log = LoggerFactory.getLogger(LiveContainer.class);
  private static final Duration WAIT = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofMillis(200);
  // Each of these is a lost connection, with its own deadline for a new one.
  private static final int MAX_LOSSES = 5;
  private static final int KILLED = 137;

  private final LiveMachine machine;
  private final GuestAgent agent;
  private volatile JournalRecord.ContainerPlanned planned;
  private final CompletableFuture<State.Exited> exit = new CompletableFuture<>();
  private volatile State state;
  private volatile Optional<User> user;
  private boolean removed;

  LiveContainer(LiveMachine machine, GuestAgent agent, History.Container container) {
    this.machine = machine;
    this.agent = agent;
    this.planned = container.planned();
    this.user = container.user();
    this.state = container.state().orElseGet(() -> new State.Created(Instant.EPOCH));
    if (state instanceof State.Exited exited) {
      exit.complete(exited);
    } else if (machine.state() instanceof MachineState.Stopped stopped) {
      machineStopped(stopped);
    }
  }

  @Override
  public ContainerSpec spec() {
    return planned.spec();
  }

  private String id() {
    return planned.spec().id();
  }

  @Override
  public byte[] note() {
    return planned.note().toByteArray();
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public Optional<User> user() {
    return user;
  }

  @Override
  public void start() {
    machine.locked(
        () -> {
          machine.demandRunning("start container " + id());
          demandPresent();
          if (!(state instanceof State.Created created)) {
            throw new MachineException(
                Kind.WRONG_STATE, "cannot start container " + id() + ": it was started before");
          }
          machine.guarded(() -> launch(created));
          return true;
        });
  }

  @Override
  public void update(ContainerSpec.Resources resources, int oomScoreAdj, byte[] note) {
    machine.locked(
        () -> {
          machine.demandRunning("change the limits of container " + id());
          demandPresent();
          if (state instanceof State.Exited) {
            throw new MachineException(
                Kind.WRONG_STATE,
                "cannot change the limits of container " + id() + ": it has exited");
          }
          machine.guarded(() -> agent.update(id(), resources, oomScoreAdj));
          planned = machine.updated(planned.spec(), resources, oomScoreAdj, note);
          return true;
        });
  }

  private boolean launch(State.Created created) {
    Instant at;
    try {
      at = agent.start(id());
    } catch (MachineException e) {
      throw notStarted(e);
    }
    // A short program may be over by now: then it has no pid any more.
    ContainerReport report = agent.status(id());
    int pid = report.state() instanceof State.Running running ? running.guestPid() : 0;
    machine.append(new JournalRecord.ContainerStarted(id(), at, pid, report.user()));
    user = report.user();
    state = new State.Running(created.createdAt(), at, pid);
    watch();
    return true;
  }

  private MachineException notStarted(MachineException e) {
    boolean program = e.kind() == Kind.NOT_FOUND || e.kind() == Kind.INVALID;
    if (program && agent.status(id()).state() instanceof State.Exited exited) {
      machine.append(new JournalRecord.ContainerExited(id(), exited));
      complete(exited);
    }
    return program ? new MachineException(Kind.INVALID, e.getMessage(), e) : e;
  }

  /** Waits for the end of a container that runs, on a thread of its own. */
  void watch() {
    if (state instanceof State.Running) {
      Thread.ofVirtual().name("container-" + id().substring(0, 12)).start(this::awaitExit);
    }
  }

  private void awaitExit() {
    int losses = 0;
    while (!exit.isDone() && machine.state() instanceof MachineState.Running) {
      try {
        exited(machine.guarded(() -> agent.await(id(), WAIT)));
        return;
      } catch (MachineException e) {
        switch (e.kind()) {
          case DEADLINE -> {
            // It still runs after an hour: wait for another.
          }
          case UNAVAILABLE -> {
            losses++;
            if (losses >= MAX_LOSSES) {
              machine.unreachable("its agent does not answer: " + e.getMessage());
              return;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
          }
          case HOSTILE_GUEST -> {
            return;
          }
          case NOT_FOUND -> {
            if (present()) {
              machine.lost("its agent has forgotten container " + id());
            }
            return;
          }
          case INVALID, ALREADY_EXISTS, WRONG_STATE, EXHAUSTED, INTERNAL -> {
            log.error("the end of a container cannot be waited for container={}", id(), e);
            machine.lost("its agent fails: " + e.getMessage());
            return;
          }
        }
      }
    }
  }

  private boolean present() {
    return machine.locked(() -> !removed);
  }

  private void exited(State.Exited exited) {
    boolean first =
        machine.locked(
            () -> {
              if (removed || exit.isDone()) {
                return false;
              }
              try {
                machine.append(new JournalRecord.ContainerExited(id(), exited));
              } catch (MachineException e) {
                // The agent keeps it too: a successor asks again.
                log.error("the end of a container was not written down container={}", id(), e);
              }
              complete(exited);
              return true;
            });
    if (first) {
      machine.containerExited(id());
    }
  }

  private void complete(State.Exited exited) {
    state = exited;
    exit.complete(exited);
  }

  /** All that still ran was killed with the machine. */
  void machineStopped(MachineState.Stopped stopped) {
    switch (state) {
      case State.Created created ->
          complete(
              new State.Exited(
                  created.createdAt(),
                  Instant.EPOCH,
                  stopped.at(),
                  KILLED,
                  false,
                  stopped.reason()));
      case State.Running running ->
          complete(
              new State.Exited(
                  running.createdAt(),
                  running.startedAt(),
                  stopped.at(),
                  KILLED,
                  false,
                  stopped.reason()));
      case State.Exited exited -> {}
    }
  }

  private void demandPresent() {
    if (removed) {
      throw new MachineException(Kind.NOT_FOUND, "container " + id() + " has been removed");
    }
  }

  @Override
  public void signal(int signal, boolean allProcesses) {
    if (state instanceof State.Exited) {
      return;
    }
    machine.demandRunning("signal container " + id());
    machine.guarded(
        () -> {
          agent.signal(id(), signal, allProcesses);
          return true;
        });
  }

  @Override
  public State.Exited await(Duration timeout) {
    try {
      return exit.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new MachineException(
          Kind.DEADLINE, "container %s has not exited after %s".formatted(id(), timeout), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(
          Kind.UNAVAILABLE, "interrupted while waiting for container " + id(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void remove() {
    machine.locked(
        () -> {
          if (!removed) {
            machine.removeContainer(id());
            removed = true;
          }
          return true;
        });
  }

  @Override
  public Output output(long offset) {
    machine.demandRunning("read the output of container " + id());
    return new GuardedOutput(machine, machine.guarded(() -> agent.output(id(), offset)));
  }

  @Override
  public Input input() {
    machine.demandRunning("write to container " + id());
    if (!(state instanceof State.Running)) {
      throw new MachineException(
          Kind.WRONG_STATE, "cannot write to container " + id() + ": it does not run");
    }
    return new GuardedInput(machine, agent.input(id()));
  }

  @Override
  public Exec exec(Command command) {
    machine.demandRunning("exec in container " + id());
    if (!(state instanceof State.Running)) {
      throw new MachineException(
          Kind.WRONG_STATE, "cannot exec in container " + id() + ": it does not run");
    }
    try {
      return new GuardedExec(machine, machine.guarded(() -> agent.exec(id(), command)));
    } catch (MachineException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        throw new MachineException(Kind.INVALID, e.getMessage(), e);
      }
      throw e;
    }
  }
}
