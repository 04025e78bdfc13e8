package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.Machine;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.Machines;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.FakeHost;
import dev.hull.vm.hypervisor.SizeRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Machines that stand by, and pods that take them. */
final class SpareMachineTest {
  private static final byte[] NOTE = {1, 2, 3};

  @TempDir Path folder;

  private FakeRoom room = noRoom();

  @SuppressWarnings("NullAway") // set before each test
  private static FakeRoom noRoom() {
    return null;
  }

  @BeforeEach
  void makeRoom() {
    room = new FakeRoom(folder);
    room.templates = true;
  }

  @AfterEach
  void nothingIsLeft() {
    room.checkNothingLeaked();
    room.close();
  }

  private static void await(BooleanSupplier condition) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofSeconds(20))
        .until(condition::getAsBoolean);
  }

  /** A process with one machine standing by. */
  private FakeRoom.Daemon standing() {
    FakeRoom.Daemon daemon = room.daemon();
    keep(daemon, 1);
    await(() -> daemon.machines.spares() == 1);
    return daemon;
  }

  private void keep(FakeRoom.Daemon daemon, int count) {
    MachineSpec like = room.spec();
    daemon.machines.prepare(like.size());
    daemon.machines.keepSpares(count, like.size(), like.scratchBytes());
  }

  private MachineSpec reserved(FakeRoom.Daemon daemon) {
    MachineSpec like = room.spec();
    try (Machines.Reservation reserved =
        daemon.machines.reserve(like.size(), like.scratchBytes())) {
      return room.spec(reserved.id());
    }
  }

  private Machine start(FakeRoom.Daemon daemon) {
    MachineSpec like = room.spec();
    try (Machines.Reservation reserved =
        daemon.machines.reserve(like.size(), like.scratchBytes())) {
      return daemon.machines.start(room.spec(reserved.id()), NOTE);
    }
  }

  private static boolean wasSpare(Machine machine) {
    return machine.timeline().stream().noneMatch(step -> step.name().equals("scratch"));
  }

  @Test
  void aPodTakesTheOneThatStandsByAndAnotherFollows() {
    try (FakeRoom.Daemon daemon = standing()) {
      Machine machine = start(daemon);
      assertThat(wasSpare(machine)).isTrue();
      assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
      assertThat(machine.spec().podName()).isEqualTo("pod");
      assertThat(machine.note()).isEqualTo(NOTE);
      await(() -> daemon.machines.spares() == 1);
      assertThat(daemon.machines.list()).containsExactly(machine);
      assertThat(wasSpare(machine)).isTrue();
      machine.remove();
    }
  }

  @Test
  void whatWasASpareIsAdoptedAsThePodsMachine() {
    MachineId id;
    try (FakeRoom.Daemon daemon = standing()) {
      id = start(daemon).spec().id();
    }
    try (FakeRoom.Daemon successor = room.daemon()) {
      Machine machine = successor.machines.find(id).orElseThrow();
      assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
      assertThat(machine.spec().podName()).isEqualTo("pod");
      assertThat(machine.note()).isEqualTo(NOTE);
      machine.remove();
    }
  }

  @Test
  void aReservationThatIsNotUsedGivesItBack() {
    try (FakeRoom.Daemon daemon = standing()) {
      MachineSpec like = room.spec();
      MachineId first;
      try (Machines.Reservation reserved =
          daemon.machines.reserve(like.size(), like.scratchBytes())) {
        first = reserved.id();
        assertThat(daemon.machines.spares()).isZero();
        assertThat(reserved(daemon).id()).isNotEqualTo(first);
      }
      assertThat(reserved(daemon).id()).isEqualTo(first);
    }
  }

  @Test
  void aPodOfAnotherKindStartsItsOwn() {
    try (FakeRoom.Daemon daemon = standing()) {
      MachineSpec like = room.spec();
      for (Machines.Reservation reserved :
          List.of(
              daemon.machines.reserve(new MachineSize(1, 1 << 20), like.scratchBytes()),
              daemon.machines.reserve(like.size(), 2 * like.scratchBytes()))) {
        assertThat(daemon.machines.spares()).isEqualTo(1);
        assertThat(daemon.hypervisor.list()).doesNotContain(DomainName.of(reserved.id()));
        reserved.close();
      }
    }
  }

  @Test
  void aSpareGrowsForAPodThatWantsMore() {
    try (FakeRoom.Daemon daemon = standing()) {
      MachineSpec like = room.spec();
      MachineSize more = new MachineSize(1, like.size().memoryMib() + 100);
      try (Machines.Reservation reserved = daemon.machines.reserve(more, like.scratchBytes())) {
        assertThat(daemon.machines.spares()).isZero();
        Machine machine = daemon.machines.start(FakeRoom.spec(reserved.id(), more), NOTE);
        assertThat(wasSpare(machine)).isTrue();
        assertThat(machine.size())
            .isEqualTo(new MachineSize(1, like.size().memoryMib() + SizeRange.STEP_MIB));
        machine.remove();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESUME", "ATTACH_NETWORK"})
  void whateverIsWrongWithASpareThePodStarts(FakeHost.Step step) {
    try (FakeRoom.Daemon daemon = standing()) {
      room.host.failNext(step, new MachineException(Kind.INTERNAL, "it is broken"));
      Machine machine = start(daemon);
      assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
      assertThat(wasSpare(machine)).isFalse();
      machine.remove();
    }
  }

  @Test
  void aSpareThatDiesIsReplacedWhenAPodHasBeenStarted() {
    try (FakeRoom.Daemon daemon = standing()) {
      DomainName spare = DomainName.of(reserved(daemon).id());
      room.host.kill(spare, DomainStopped.Reason.FAILED, "QEMU was killed");
      await(() -> daemon.machines.spares() == 0);
      Machine machine = start(daemon);
      assertThat(wasSpare(machine)).isFalse();
      await(() -> daemon.machines.spares() == 1);
      machine.remove();
    }
  }

  @Test
  void aSpareThatDiesWhileItIsReservedIsNotUsed() {
    try (FakeRoom.Daemon daemon = standing()) {
      MachineSpec like = room.spec();
      try (Machines.Reservation reserved =
          daemon.machines.reserve(like.size(), like.scratchBytes())) {
        room.host.kill(
            DomainName.of(reserved.id()), DomainStopped.Reason.FAILED, "QEMU was killed");
        Machine machine = daemon.machines.start(room.spec(reserved.id()), NOTE);
        assertThat(wasSpare(machine)).isFalse();
        machine.remove();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESTORE", "ATTACH_DISK", "ATTACH_SHARE", "RESUME", "PAUSE"})
  void aSpareThatCannotBeMadeIsNone(FakeHost.Step step) {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(room.spec().size());
      room.host.failNext(step, new MachineException(Kind.DEADLINE, "it is slow today"));
      keep(daemon, 1);
      await(() -> !room.host.isToFail(step));
      Machine machine = start(daemon);
      assertThat(wasSpare(machine)).isFalse();
      await(() -> daemon.machines.spares() == 1);
      machine.remove();
    }
  }

  @Test
  void sparesGiveWayToAPodThatWouldNotFit() {
    // Two machines with what QEMU takes beside them, and not three.
    room.freeMib = 2 * (256 + 96);
    try (FakeRoom.Daemon daemon = standing()) {
      Machine first = daemon.machines.start(room.spec(), NOTE);
      Machine second = daemon.machines.start(room.spec(), NOTE);
      assertThat(daemon.machines.spares()).isZero();
      assertThatThrownBy(() -> daemon.machines.start(room.spec(), NOTE))
          .hasMessageContaining("MiB are left");
      first.remove();
      second.remove();
    }
  }

  @Test
  void oneInTheMakingGivesWayToo() throws InterruptedException {
    room.freeMib = 256 + 96;
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(room.spec().size());
      CountDownLatch made = room.holdScratch();
      keep(daemon, 1);
      await(room::isScratchHeld);
      Thread release = Thread.ofVirtual().start(made::countDown);
      Machine machine = daemon.machines.start(room.spec(), NOTE);
      assertThat(daemon.machines.spares()).isZero();
      release.join();
      machine.remove();
    }
  }

  @Test
  void aSpareThatMayNotBeLentStays() {
    room.lendableMib = 0;
    try (FakeRoom.Daemon daemon = standing()) {
      MachineSpec like = room.spec();
      // A machine of 128 MiB would get 256.
      try (Machines.Reservation reserved =
          daemon.machines.reserve(new MachineSize(1, 128), like.scratchBytes())) {
        assertThat(daemon.machines.spares()).isEqualTo(1);
        assertThat(daemon.hypervisor.list()).doesNotContain(DomainName.of(reserved.id()));
      }
    }
  }

  @Test
  void aSpareThatWasReservedForAnotherKindIsNotTaken() {
    try (FakeRoom.Daemon daemon = standing()) {
      MachineSpec like = room.spec();
      try (Machines.Reservation reserved =
          daemon.machines.reserve(like.size(), like.scratchBytes())) {
        Machine machine =
            daemon.machines.start(FakeRoom.spec(reserved.id(), new MachineSize(2, 300)), NOTE);
        assertThat(wasSpare(machine)).isFalse();
        machine.remove();
      }
    }
  }

  @Test
  void aNetworkThatFailsFailsThePodAndIsNotTriedTwice() {
    try (FakeRoom.Daemon daemon = standing()) {
      room.network.failNext(new MachineException(Kind.INTERNAL, "no addresses are left"));
      assertThatThrownBy(() -> start(daemon)).hasMessageContaining("no addresses are left");
      await(() -> daemon.machines.spares() == 1);
    }
  }

  @Test
  void aTemplateThatWasSpoiledIsMadeAnewForTheNextSpare() {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      MachineSpec like = room.spec();
      daemon.machines.keepSpares(1, like.size(), like.scratchBytes());
      await(() -> daemon.machines.spares() == 1);
    }
  }

  @Test
  void fewerAreKeptWhenFewerAreWanted() {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      keep(daemon, 2);
      await(() -> daemon.machines.spares() == 2);
      keep(daemon, 0);
      assertThat(daemon.machines.spares()).isZero();
      await(() -> daemon.hypervisor.list().isEmpty());
    }
  }

  @Test
  void withoutATemplateThereIsNone() {
    room.templates = false;
    try (FakeRoom.Daemon daemon = room.daemon()) {
      keep(daemon, 1);
      Machine machine = start(daemon);
      assertThat(wasSpare(machine)).isFalse();
      machine.remove();
    }
  }
}
