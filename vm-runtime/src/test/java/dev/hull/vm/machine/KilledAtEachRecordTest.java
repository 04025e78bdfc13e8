package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.Machines;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.journal.JournalRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lives a machine's whole life again and again, and dies once after each of its records. */
final class KilledAtEachRecordTest {
  private static final byte[] NOTE = {1};

  @TempDir Path folder;

  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Lets a number of records pass, then kills whoever writes. */
  private static final class Killer {
    private final AtomicInteger left;
    private final AtomicBoolean killed = new AtomicBoolean();
    private final Set<Class<?>> seen;

    Killer(int records, Set<Class<?>> seen) {
      this.left = new AtomicInteger(records);
      this.seen = seen;
    }

    JournalListener listener() {
      return (machine, record) -> {
        seen.add(record.getClass());
        if (left.decrementAndGet() <= 0) {
          killed.set(true);
          throw new Killed();
        }
      };
    }

    void dieIfKilled() {
      if (killed.get()) {
        throw new Killed();
      }
    }
  }

  @Test
  void nothingLeaksAndTheSameCallsSucceedAgain() {
    Set<Class<?>> seen = new HashSet<>();
    int records = 0;
    boolean whole = false;
    try (FakeRoom room = new FakeRoom(folder)) {
      room.templates = true;
      while (!whole) {
        records++;
        whole = liveUntil(room, new Killer(records, seen));
      }
    }
    assertThat(seen)
        .as("every kind of record is passed through in this life")
        .containsExactlyInAnyOrder(JournalRecord.class.getPermittedSubclasses());
    assertThat(records).isGreaterThan(18);
  }

  private boolean liveUntil(FakeRoom room, Killer killer) {
    MachineSpec spec = room.spec();
    boolean whole = false;
    try (FakeRoom.Daemon daemon = room.daemon(killer.listener());
        Machines.Reservation spare = standBy(room, daemon, killer)) {
      spec = room.spec(spare.id());
      live(room, daemon, spec, killer);
      whole = true;
    } catch (Killed killed) {
      // The next one takes over.
    }
    try (FakeRoom.Daemon successor = room.daemon()) {
      Optional<Machine> left = successor.machines.find(spec.id());
      Machine machine = left.isPresent() ? left.get() : successor.machines.start(spec, NOTE);
      assertThat(machine.state())
          .satisfiesAnyOf(
              state -> assertThat(state).isInstanceOf(MachineState.Running.class),
              state ->
                  assertThat(((MachineState.Stopped) state).reason())
                      .isIn("it was asked to stop", "it was removed"));
      if (machine.state() instanceof MachineState.Running) {
        machine.containers().forEach(GuestContainer::remove);
        GuestContainer container = machine.createContainer(room.container('a'), NOTE);
        container.start();
        assertThat(room.guests.agent(DomainName.of(spec.id())).containers()).isEqualTo(1);
      }
      machine.remove();
    }
    room.checkNothingLeaked();
    return whole;
  }

  /** Its machine stands by, and so its journal has all kinds of records. */
  private static Machines.Reservation standBy(
      FakeRoom room, FakeRoom.Daemon daemon, Killer killer) {
    MachineSpec like = room.spec();
    daemon.machines.prepare(like.size());
    daemon.machines.keepSpares(1, like.size(), like.scratchBytes());
    awaitUnlessKilled(killer, () -> daemon.machines.spares() == 1);
    Machines.Reservation spare = daemon.machines.reserve(like.size(), like.scratchBytes());
    daemon.machines.keepSpares(0, like.size(), like.scratchBytes());
    return spare;
  }

  private static void awaitUnlessKilled(Killer killer, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      killer.dieIfKilled();
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void live(FakeRoom room, FakeRoom.Daemon daemon, MachineSpec spec, Killer killer) {
    Machine machine = daemon.machines.start(spec, NOTE);
    machine.grow(new MachineSize(2, 300));
    GuestContainer container = machine.createContainer(room.container('a'), NOTE);
    container.start();
    container.update(ContainerSpec.Resources.UNLIMITED, 7, NOTE);
    room.guests.agent(DomainName.of(spec.id())).exit(container.spec().id(), 0);
    awaitUnlessKilled(killer, () -> container.state() instanceof GuestContainer.State.Exited);
    killer.dieIfKilled();
    container.remove();
    machine.stop(Duration.ZERO);
    killer.dieIfKilled();
    machine.remove();
    killer.dieIfKilled();
  }
}
