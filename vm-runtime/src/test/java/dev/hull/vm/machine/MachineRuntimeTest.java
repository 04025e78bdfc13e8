package dev.hull.vm.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineEvent;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.guest.FakeAgent;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainStopped.Reason;
import dev.hull.vm.hypervisor.FakeHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineRuntimeTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final byte[] NOTE = {1, 2};

  @TempDir Path folder;

  private FakeRoom room = noRoom();

  @SuppressWarnings("NullAway") // set before each test
  private static FakeRoom noRoom() {
    return null;
  }

  @BeforeEach
  void makeRoom() {
    room = new FakeRoom(folder);
  }

  @AfterEach
  void nothingIsLeft() {
    room.checkNothingLeaked();
    room.close();
  }

  private static GuestContainer run(Machine machine, FakeRoom room, char digit) {
    GuestContainer container = machine.createContainer(room.container(digit), NOTE);
    container.start();
    return container;
  }

  private FakeAgent agent(MachineSpec spec) {
    return room.guests.agent(DomainName.of(spec.id()));
  }

  @Test
  void aMachineLivesAndNothingIsLeftOfIt() throws Exception {
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.onEvent(events::add);
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(machine.timeline())
          .extracting(Machine.TimelineStep::name)
          .contains("network", "domain", "kernel", "agent", "configured");
      GuestContainer container = run(machine, room, 'a');
      assertThat(container.state()).isInstanceOf(GuestContainer.State.Running.class);
      assertThatThrownBy(container::start).hasMessageContaining("was started before");
      agent(spec).exit(container.spec().id(), 3);
      assertThat(container.await(SOON).exitCode()).isEqualTo(3);
      assertThat(events.poll(5, TimeUnit.SECONDS))
          .isEqualTo(new MachineEvent.ContainerExited(spec.id(), container.spec().id()));
      container.remove();
      container.remove();
      assertThat(machine.containers()).isEmpty();
      machine.stop(Duration.ZERO);
      machine.stop(Duration.ZERO);
      assertThat(machine.state())
          .isInstanceOfSatisfying(
              MachineState.Stopped.class, stopped -> assertThat(stopped.asked()).isTrue());
      room.network.checkNothingLeaked();
      machine.remove();
      machine.remove();
      assertThat(daemon.machines.list()).isEmpty();
    }
  }

  @Test
  void aRunningMachineGrowsAndIsCountedWithItByTheNextProcess() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(machine.size()).isEqualTo(spec.size());
      machine.grow(new MachineSize(3, 300));
      assertThat(machine.size()).isEqualTo(new MachineSize(3, 384));
      machine.grow(new MachineSize(1, 128));
      assertThat(machine.size()).as("it keeps what it has").isEqualTo(new MachineSize(3, 384));
      assertThat(agent(spec).grown().orElseThrow().getPluggedMemoryBytes()).isEqualTo(128L << 20);
    }
    try (FakeRoom.Daemon next = room.daemon()) {
      Machine machine = next.machines.find(spec.id()).orElseThrow();
      assertThat(machine.size()).isEqualTo(new MachineSize(3, 384));
      assertThatThrownBy(() -> next.machines.start(room.spec(new MachineSize(1, 500)), NOTE))
          .hasMessageContaining("less 480 promised");
      machine.grow(new MachineSize(1, 400));
      assertThat(machine.size()).isEqualTo(new MachineSize(3, 512));
      machine.remove();
      assertRefused(Kind.WRONG_STATE, () -> machine.grow(spec.size()));
    }
  }

  @Test
  void otherLimitsAreSetInTheGuestAndKnownToTheNextProcess() {
    MachineSpec spec = room.spec();
    ContainerSpec.Resources limits =
        new ContainerSpec.Resources(
            Optional.of(50),
            Optional.of(20_000L),
            Optional.of(100_000L),
            Optional.empty(),
            Optional.of(64L << 20),
            Map.of("pids.max", "9"));
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      GuestContainer container = run(machine, room, 'a');
      container.update(limits, 500, new byte[] {7});
      assertThat(agent(spec).updated().getFirst().getResources().getMemoryMaxBytes())
          .isEqualTo(64L << 20);
      assertThat(agent(spec).updated().getFirst().getOomScoreAdj()).isEqualTo(500);
      assertThat(container.spec().resources()).isEqualTo(limits);
    }
    try (FakeRoom.Daemon next = room.daemon()) {
      Machine machine = next.machines.find(spec.id()).orElseThrow();
      GuestContainer container = machine.containers().getFirst();
      assertThat(container.spec().resources()).isEqualTo(limits);
      assertThat(container.spec().program().oomScoreAdj()).isEqualTo(500);
      assertThat(container.note()).containsExactly(7);
      agent(spec).exit(container.spec().id(), 0);
      container.await(SOON);
      assertRefused(Kind.WRONG_STATE, () -> container.update(limits, 0, NOTE));
      machine.remove();
    }
  }

  @Test
  void aMachineDoesNotGrowBeyondItsMostOrTheHostsRoom() {
    MachineSpec spec = room.spec();
    room.freeMib = 700;
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      assertRefused(Kind.INVALID, () -> machine.grow(new MachineSize(5, 256)));
      assertRefused(Kind.INVALID, () -> machine.grow(new MachineSize(1, 1025)));
      assertRefused(Kind.EXHAUSTED, () -> machine.grow(new MachineSize(1, 1024)));
      assertThat(machine.size()).isEqualTo(spec.size());
      machine.remove();
    }
  }

  @Test
  void aMachineWhoseGuestDoesNotTakeItMayBeAskedAgain() {
    MachineSpec spec = room.spec();
    MachineSize larger = new MachineSize(2, 384);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      agent(spec).stunt(true);
      assertRefused(Kind.DEADLINE, () -> machine.grow(larger));
      assertThat(machine.size()).as("it may have it").isEqualTo(larger);
      assertThat(agent(spec).grown()).isEmpty();
      agent(spec).stunt(false);
      machine.grow(larger);
      assertThat(agent(spec).grown()).isPresent();
      machine.remove();
    }
  }

  private static void assertRefused(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  @Test
  void containersOfOneImageShareADiskThatGoesWithTheLast() {
    MachineSpec spec = room.spec();
    DomainName name = DomainName.of(spec.id());
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      GuestContainer first = machine.createContainer(room.container('a'), NOTE);
      GuestContainer second = machine.createContainer(room.container('b'), NOTE);
      assertThat(daemon.hypervisor.disks(name)).hasSize(3);
      first.remove();
      assertThat(daemon.hypervisor.disks(name)).hasSize(3);
      second.remove();
      assertThat(daemon.hypervisor.disks(name)).hasSize(2);
      // The guest may still take the place of the disk that has gone for that disk.
      var _ = machine.createContainer(room.container('c'), NOTE);
      assertThat(daemon.hypervisor.disks(name))
          .extracting(Disk::unit)
          .doesNotContain(Disk.FIRST_IMAGE_UNIT);
      machine.remove();
    }
  }

  @Test
  void aKilledMachineIsSaidToHaveStoppedWithItsContainersAndIsReleased() throws Exception {
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.onEvent(events::add);
      Machine machine = daemon.machines.start(spec, NOTE);
      GuestContainer container = run(machine, room, 'a');
      room.host.kill(DomainName.of(spec.id()), Reason.FAILED, "virtiofsd (pid 7) died");
      assertThat(events.poll(2, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              MachineEvent.MachineStopped.class,
              event -> {
                assertThat(event.state().asked()).isFalse();
                assertThat(event.state().reason()).isEqualTo("virtiofsd (pid 7) died");
              });
      GuestContainer.State.Exited exited = container.await(Duration.ofSeconds(1));
      assertThat(exited.exitCode()).isEqualTo(137);
      assertThat(exited.message()).isEqualTo("virtiofsd (pid 7) died");
      room.network.checkNothingLeaked();
      room.mounts.checkNothingLeaked();
      assertThatThrownBy(() -> machine.createContainer(room.container('b'), NOTE))
          .hasMessageContaining("has stopped: virtiofsd (pid 7) died");
      machine.remove();
    }
  }

  @Test
  void aMachineWhoseAgentIsOfAnotherReleaseRunsOnAndCanOnlyBeStopped() {
    MachineSpec spec = room.spec();
    String id;
    try (FakeRoom.Daemon daemon = room.daemon()) {
      id = run(daemon.machines.start(spec, NOTE), room, 'a').spec().id();
    }
    room.guests.speak(9);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.find(spec.id()).orElseThrow();
      assertThat(machine.state())
          .isInstanceOfSatisfying(
              MachineState.Unmanaged.class,
              state -> assertThat(state.reason()).contains("speaks versions 9 to 9"));
      assertThat(daemon.hypervisor.state(DomainName.of(spec.id()))).isPresent();
      GuestContainer container = machine.container(id).orElseThrow();
      assertThat(container.state()).isInstanceOf(GuestContainer.State.Running.class);
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> machine.createContainer(room.container('b'), NOTE),
              () -> machine.usage(SOON),
              () -> container.signal(9, true),
              container::remove)) {
        assertThatThrownBy(call)
            .isInstanceOf(MachineException.class)
            .hasMessageContaining("runs on and can only be stopped: cannot reach the agent");
      }
    }
    room.guests.speak(FakeGuests.VERSION);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.find(spec.id()).orElseThrow();
      assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
      agent(spec).exit(id, 5);
      assertThat(machine.container(id).orElseThrow().await(SOON).exitCode()).isEqualTo(5);
    }
    room.guests.speak(9);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.find(spec.id()).orElseThrow();
      machine.stop(SOON);
      assertThat(machine.state()).isInstanceOf(MachineState.Stopped.class);
      assertThat(daemon.hypervisor.state(DomainName.of(spec.id()))).isEmpty();
      machine.remove();
    }
    room.checkNothingLeaked();
  }

  @Test
  void aMachineThatCannotBeManagedIsSaidToHaveDied() throws Exception {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      run(daemon.machines.start(spec, NOTE), room, 'a');
    }
    room.guests.speak(9);
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.onEvent(events::add);
      Machine machine = daemon.machines.find(spec.id()).orElseThrow();
      room.host.kill(DomainName.of(spec.id()), Reason.FAILED, "virtiofsd (pid 7) died");
      assertThat(events.poll(5, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              MachineEvent.MachineStopped.class,
              event -> assertThat(event.state().reason()).isEqualTo("virtiofsd (pid 7) died"));
      assertThat(machine.containers().getFirst().await(SOON).exitCode()).isEqualTo(137);
      machine.remove();
    }
  }

  @Test
  void aHostileGuestEndsItsOwnMachineAndNoOther() throws Exception {
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    MachineSpec spec = room.spec();
    MachineSpec neighbour = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.onEvent(events::add);
      Machine machine = daemon.machines.start(spec, NOTE);
      Machine other = daemon.machines.start(neighbour, NOTE);
      GuestContainer container = run(machine, room, 'a');
      GuestContainer untouched = run(other, room, 'a');
      agent(spec).commit(FakeAgent.Crime.IMPOSSIBLE_EXIT_CODE);
      agent(spec).exit(container.spec().id(), 0);
      assertThat(events.poll(5, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              MachineEvent.MachineStopped.class,
              event -> {
                assertThat(event.machine()).isEqualTo(spec.id());
                assertThat(event.state().reason()).contains("broke the protocol", "exit code");
              });
      assertThat(other.state()).isInstanceOf(MachineState.Running.class);
      assertThat(untouched.state()).isInstanceOf(GuestContainer.State.Running.class);
      machine.remove();
      other.remove();
    }
  }

  @Test
  void aGuestThatWritesGarbagePastItsAgentEndsItsOwnMachineAndNoOther() throws Exception {
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    MachineSpec spec = room.spec();
    MachineSpec neighbour = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.onEvent(events::add);
      Machine machine = daemon.machines.start(spec, NOTE);
      Machine other = daemon.machines.start(neighbour, NOTE);
      GuestContainer container = run(machine, room, 'a');
      GuestContainer untouched = run(other, room, 'a');
      room.guests.shout(DomainName.of(spec.id()), "no HTTP/2 at all\n".repeat(100).getBytes(UTF_8));
      assertThat(events.poll(5, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              MachineEvent.MachineStopped.class,
              event -> {
                assertThat(event.machine()).isEqualTo(spec.id());
                assertThat(event.state().reason()).contains("broke the protocol");
              });
      assertThat(container.await(SOON).message()).contains("broke the protocol");
      agent(neighbour).exit(untouched.spec().id(), 3);
      assertThat(untouched.await(SOON).exitCode()).isEqualTo(3);
      assertThat(other.state()).isInstanceOf(MachineState.Running.class);
      machine.remove();
      other.remove();
    }
  }

  @Test
  void aStartThatFailsReleasesAllAndTheSameCallSucceedsAfterwards() {
    MachineSpec spec = room.spec();
    MachineException fault = new MachineException(Kind.INTERNAL, "injected");
    try (FakeRoom.Daemon daemon = room.daemon()) {
      room.network.failNext(fault);
      assertThatThrownBy(() -> daemon.machines.start(spec, NOTE)).isSameAs(fault);
      room.network.checkNothingLeaked();
      room.mounts.checkNothingLeaked();
      room.host.failNext(FakeHost.Step.START, fault);
      assertThatThrownBy(() -> daemon.machines.start(spec, NOTE)).isSameAs(fault);
      room.network.checkNothingLeaked();
      daemon.machines.start(spec, NOTE).remove();
    }
  }

  @Test
  void aContainerThatCannotBePluggedInLeavesNothing() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      room.host.failNext(FakeHost.Step.ATTACH_DISK, new MachineException(Kind.INTERNAL, "no"));
      assertThatThrownBy(() -> machine.createContainer(room.container('a'), NOTE)).hasMessage("no");
      assertThat(machine.containers()).isEmpty();
      machine.createContainer(room.container('a'), NOTE);
      machine.remove();
    }
  }

  @Test
  void aGuestThatDoesNotComeUpIsReportedWithItsLastWords() {
    MachineSpec spec = room.spec();
    room.guests.fallSilent(true);
    room.bootDeadline = Duration.ofMillis(500);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      assertThatThrownBy(() -> daemon.machines.start(spec, NOTE))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("its guest did not come up")
          .hasMessageContaining("Kernel panic: no root");
    }
  }

  @Test
  void aMachineThatDoesNotFitIsRefusedWithTheNumbers() {
    room.freeMib = 300;
    try (FakeRoom.Daemon daemon = room.daemon()) {
      assertThatThrownBy(() -> daemon.machines.start(room.spec(), NOTE))
          .isInstanceOfSatisfying(
              MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED))
          .hasMessageContaining("352 MiB");
      room.freeMib = 400;
      daemon.machines.start(room.spec(), NOTE).remove();
    }
  }

  @Test
  void aSuccessorAdoptsMachinesAndLearnsHowContainersEndedMeanwhile() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      run(machine, room, 'a');
      run(machine, room, 'b');
      machine.createContainer(room.container('c'), NOTE);
    }
    agent(spec).exit("a".repeat(64), 42);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.find(spec.id()).orElseThrow();
      assertThat(machine.note()).isEqualTo(NOTE);
      assertThat(machine.spec()).isEqualTo(spec);
      assertThat(machine.container("a".repeat(64)).orElseThrow().await(SOON).exitCode())
          .isEqualTo(42);
      GuestContainer running = machine.container("b".repeat(64)).orElseThrow();
      assertThat(running.note()).isEqualTo(NOTE);
      assertThat(running.state()).isInstanceOf(GuestContainer.State.Running.class);
      agent(spec).exit("b".repeat(64), 5);
      assertThat(running.await(SOON).exitCode()).isEqualTo(5);
      machine.container("c".repeat(64)).orElseThrow().start();
      machine.remove();
    }
  }

  @Test
  void aMachineThatDiedMeanwhileIsFoundStoppedAndReleased() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      run(daemon.machines.start(spec, NOTE), room, 'a');
    }
    room.host.kill(DomainName.of(spec.id()), Reason.FAILED, "killed");
    try (FakeRoom.Daemon daemon = room.daemon()) {
      room.network.checkNothingLeaked();
      Machine machine = daemon.machines.find(spec.id()).orElseThrow();
      assertThat(machine.state())
          .isInstanceOfSatisfying(
              MachineState.Stopped.class,
              stopped ->
                  assertThat(stopped.reason()).isEqualTo("it ended while hull was not running"));
      assertThat(machine.containers().getFirst().await(Duration.ZERO).exitCode()).isEqualTo(137);
      machine.remove();
    }
  }
}
