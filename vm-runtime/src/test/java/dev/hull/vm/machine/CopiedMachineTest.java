package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.guest.v1.GrowRequest;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.FakeHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Machines that are copies of a template, and boots where that cannot be. */
final class CopiedMachineTest {
  private static final byte[] NOTE = {1};

  private static final MachineSize SMALL = new MachineSize(1, 256);

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
  void nothingIsLeft() throws IOException {
    room.checkNothingLeaked();
    room.close();
    assertThat(names("memory")).as("memory files").isEmpty();
    assertThat(names("work")).as("unfinished templates").isEmpty();
  }

  private List<String> names(String name) throws IOException {
    Path place = folder.resolve(name);
    if (Files.notExists(place)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** The names of finished ones have no dot. */
  private List<String> templates() throws IOException {
    return names("templates").stream().filter(name -> !name.startsWith(".")).toList();
  }

  private static List<String> steps(Machine machine) {
    return machine.timeline().stream().map(Machine.TimelineStep::name).toList();
  }

  @Test
  void aPreparedMachineIsACopyAndDoesNotBoot() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(spec.size());
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
      assertThat(steps(machine)).contains("restore", "resume").doesNotContain("boot");
      machine.stop(Duration.ZERO);
      machine.remove();
    }
  }

  @Test
  void aTemplateIsMadeOnceForAllProcesses() throws IOException {
    MachineSpec spec = room.spec();
    for (int process = 0; process < 2; process++) {
      try (FakeRoom.Daemon daemon = room.daemon()) {
        daemon.machines.prepare(spec.size());
      }
    }
    assertThat(templates()).hasSize(1);
  }

  @Test
  void theOldestTemplatesGo() throws IOException {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      for (int memoryMib = 256; memoryMib < 262; memoryMib++) {
        assertThat(daemon.machines.prepare(new MachineSize(1, memoryMib))).isTrue();
      }
      assertThat(templates()).hasSize(4);
      assertThat(daemon.machines.prepare(new MachineSize(1, 261))).isTrue();
    }
  }

  @Test
  void withoutATemplateOfItsSizeAMachineBoots() {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(room.spec(), NOTE);
      assertThat(steps(machine)).contains("boot").doesNotContain("restore");
      machine.stop(Duration.ZERO);
      machine.remove();
    }
  }

  @Test
  void aLargerMachineIsACopyThatHasGrown() {
    MachineSpec spec = room.spec(new MachineSize(2, 300));
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(steps(machine)).contains("restore", "plug", "grown").doesNotContain("boot");
      assertThat(machine.size()).isEqualTo(new MachineSize(2, 384));
      assertThat(daemon.hypervisor.grow(DomainName.of(spec.id()), SMALL))
          .isEqualTo(new MachineSize(2, 384));
      GrowRequest asked = room.guests.agent(DomainName.of(spec.id())).grown().orElseThrow();
      assertThat(asked.getVcpus()).isEqualTo(2);
      assertThat(asked.getBootedMemoryBytes()).isEqualTo(256L << 20);
      assertThat(asked.getPluggedMemoryBytes()).isEqualTo(128L << 20);
    }
    try (FakeRoom.Daemon next = room.daemon()) {
      Machine machine = next.machines.find(spec.id()).orElseThrow();
      assertThat(machine.size()).isEqualTo(new MachineSize(2, 384));
      machine.remove();
    }
  }

  @Test
  void aMachineOfTheTemplatesSizeDoesNotGrow() {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      Machine machine = daemon.machines.start(room.spec(SMALL), NOTE);
      assertThat(steps(machine)).doesNotContain("plug", "grown");
      assertThat(machine.size()).isEqualTo(SMALL);
      machine.remove();
    }
  }

  @Test
  void aMachineBeyondTheMostBoots() {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      room.freeMib = 4000;
      for (MachineSize size : List.of(new MachineSize(5, 256), new MachineSize(1, 1025))) {
        Machine machine = daemon.machines.start(room.spec(size), NOTE);
        assertThat(steps(machine)).contains("boot").doesNotContain("restore");
        assertThat(machine.size()).isEqualTo(size);
        machine.remove();
      }
    }
  }

  @Test
  void aSmallerMachineHasWhatTheTemplateHasAndIsCountedWithThat() {
    MachineSpec spec = room.spec(new MachineSize(1, 130));
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(steps(machine)).contains("restore").doesNotContain("plug", "boot");
      assertThat(machine.size()).isEqualTo(SMALL);
    }
    try (FakeRoom.Daemon next = room.daemon()) {
      Machine machine = next.machines.find(spec.id()).orElseThrow();
      assertThat(machine.size()).isEqualTo(SMALL);
      assertThatThrownBy(() -> next.machines.start(room.spec(new MachineSize(1, 600)), NOTE))
          .hasMessageContaining("less 352 promised");
      machine.remove();
    }
  }

  @Test
  void aSmallerMachineBootsWhereTooMuchIsLentAlready() {
    room.lendableMib = 100;
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      Machine machine = daemon.machines.start(room.spec(new MachineSize(1, 130)), NOTE);
      assertThat(steps(machine)).contains("boot").doesNotContain("restore");
      assertThat(machine.size()).isEqualTo(new MachineSize(1, 130));
      machine.remove();
    }
  }

  @Test
  void theTemplateThatComesNearestIsTaken() {
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      daemon.machines.prepare(new MachineSize(1, 512));
      Machine machine = daemon.machines.start(room.spec(new MachineSize(2, 600)), NOTE);
      assertThat(machine.size()).isEqualTo(new MachineSize(2, 640));
      assertThat(
              room.guests
                  .agent(DomainName.of(machine.spec().id()))
                  .grown()
                  .orElseThrow()
                  .getBootedMemoryBytes())
          .isEqualTo(512L << 20);
      machine.remove();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCopyThatDoesNotGrowIsNotUsed(boolean inTheGuest) throws IOException {
    MachineSpec spec = room.spec(new MachineSize(2, 300));
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(SMALL);
      if (inTheGuest) {
        room.guests.stunt(true);
      } else {
        room.host.failNext(FakeHost.Step.GROW, new MachineException(Kind.INTERNAL, "no slot"));
      }
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(steps(machine)).contains("restore", "boot");
      assertThat(machine.size()).isEqualTo(new MachineSize(2, 300));
      assertThat(daemon.hypervisor.sizes(DomainName.of(spec.id())).least())
          .isEqualTo(new MachineSize(2, 300));
      assertThat(templates()).as("it is not the template's fault").hasSize(1);
      machine.remove();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESTORE", "ATTACH_SHARE", "ATTACH_NETWORK", "ATTACH_DISK", "RESUME"})
  void whateverIsWrongWithACopyTheMachineBoots(FakeHost.Step step) {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(spec.size());
      room.host.failNext(step, new MachineException(Kind.INTERNAL, "it is broken"));
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
      assertThat(steps(machine)).contains("boot");
      machine.stop(Duration.ZERO);
      machine.remove();
    }
  }

  @Test
  void aDamagedTemplateIsUsedOnceAndMadeAnew() throws IOException {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(spec.size());
      Path template = folder.resolve("templates").resolve(templates().getFirst());
      Files.writeString(template.resolve("memory.list"), "4096 1\n0 what\n");
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(steps(machine)).contains("boot");
      assertThat(templates()).isEmpty();
      machine.remove();

      daemon.machines.prepare(spec.size());
      Machine next = daemon.machines.start(room.spec(), NOTE);
      assertThat(steps(next)).contains("restore").doesNotContain("boot");
      next.remove();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"START", "SAVE", "RESTORE", "RESUME"})
  void aTemplateThatCannotBeMadeIsNone(FakeHost.Step step) throws IOException {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      room.host.failNext(step, new MachineException(Kind.INTERNAL, "it is broken"));
      daemon.machines.prepare(spec.size());
      assertThat(templates()).isEmpty();
      daemon.machines.prepare(spec.size());
      assertThat(templates()).hasSize(1);
    }
  }

  @Test
  void whatAKilledProcessLeftOfATemplateTheNextReleases() throws IOException {
    MachineSpec spec = room.spec();
    FakeRoom.Daemon killed = room.daemon();
    room.host.failNext(FakeHost.Step.SAVE, new MachineException(Kind.INTERNAL, "killed here"));
    room.host.failNext(FakeHost.Step.DESTROY, new MachineException(Kind.INTERNAL, "and dead"));
    killed.machines.prepare(spec.size());
    assertThat(names("work")).hasSize(1);
    assertThat(killed.hypervisor.list()).hasSize(1);
    killed.close();

    try (FakeRoom.Daemon next = room.daemon()) {
      assertThat(next.hypervisor.list()).isEmpty();
      next.machines.prepare(spec.size());
      assertThat(templates()).hasSize(1);
    }
  }

  @Test
  void aFullMemoryFileSystemIsNoFaultOfTheTemplate() throws IOException {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(spec.size());
      room.host.failNext(
          FakeHost.Step.RESTORE, new MachineException(Kind.EXHAUSTED, "No space left"));
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThat(steps(machine)).contains("boot");
      assertThat(templates()).hasSize(1);
      machine.remove();
    }
  }

  @Test
  void aStartThatFailsForItsNetworkLeavesNoCopy() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      daemon.machines.prepare(spec.size());
      room.network.failNext(new MachineException(Kind.INTERNAL, "no addresses are left"));
      assertThatThrownBy(() -> daemon.machines.start(spec, NOTE))
          .hasMessageContaining("no addresses are left");
      assertThat(daemon.hypervisor.list()).isEmpty();
    }
  }
}
