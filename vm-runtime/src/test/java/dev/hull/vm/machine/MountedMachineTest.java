package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.guest.v1.Mount.SourceCase;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.guest.FakeAgent;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.replica.AtomicWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine does for the mounts of its containers. */
final class MountedMachineTest {
  private static final byte[] NOTE = {1};

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

  private FakeAgent agent(MachineSpec spec) {
    return room.guests.agent(DomainName.of(spec.id()));
  }

  private Mount image(String destination, String subPath) {
    return new Mount(
        new Source.ImageFiles(List.of(room.write("other", new byte[512])), subPath),
        destination,
        Access.READ_ONLY,
        false);
  }

  private static List<Integer> units(FakeRoom.Daemon daemon, MachineSpec spec) {
    return daemon.hypervisor.disks(DomainName.of(spec.id())).stream()
        .map(Disk::unit)
        .filter(unit -> unit >= Disk.FIRST_IMAGE_UNIT)
        .toList();
  }

  @Test
  void anImagesFilesAreADiskThatStaysWhileSomeContainerHasThem() {
    MachineSpec spec = room.spec();
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      GuestContainer first =
          machine.createContainer(
              room.container('a', List.of(image("/i", "etc"), image("/j", ""))), NOTE);
      assertThat(units(daemon, spec)).as("one for the root, one for both").containsExactly(2, 3);
      dev.hull.guest.v1.ContainerSpec made = agent(spec).spec(first.spec().id());
      assertThat(made.getMounts(0).getImage().getDisk().getUnit()).isEqualTo(3);
      assertThat(made.getMounts(0).getImage().getLayerPartitionsList()).containsExactly(1);
      assertThat(made.getMounts(0).getImage().getSubPath()).isEqualTo("etc");
      machine.createContainer(room.container('b', List.of(image("/i", ""))), NOTE);
      first.remove();
      assertThat(units(daemon, spec)).containsExactly(2, 3);
    }
    try (FakeRoom.Daemon next = room.daemon()) {
      Machine machine = next.machines.find(spec.id()).orElseThrow();
      assertThat(units(next, spec)).as("an adopted container holds it, too").containsExactly(2, 3);
      machine.containers().getFirst().remove();
      assertThat(units(next, spec)).isEmpty();
      machine.remove();
    }
  }

  @Test
  void aCopiedFolderIsShownFromTheStartAndFollowsAlsoAfterARestart() throws Exception {
    MachineSpec spec = room.spec();
    Path config = folder.resolve("config");
    AtomicWriter writer = new AtomicWriter(config);
    String first = writer.write(Map.of("key", "1"));
    Mount mount = new Mount(new Source.Replica(config), "/config", Access.READ_ONLY, false);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      GuestContainer container = machine.createContainer(room.container('a', List.of(mount)), NOTE);
      assertThat(agent(spec).spec(container.spec().id()).getMounts(0).getSourceCase())
          .isEqualTo(SourceCase.REPLICA_SHARE_PATH);
      assertThat(agent(spec).replicas()).isEqualTo(Map.of("volumes/0", first));
      container.start();
      awaitShown(spec, writer.write(Map.of("key", "2")));
    }
    String missed = writer.write(Map.of("key", "3"));
    try (FakeRoom.Daemon next = room.daemon()) {
      awaitShown(spec, missed);
      awaitShown(spec, writer.write(Map.of("key", "4")));
      next.machines.find(spec.id()).orElseThrow().remove();
    }
  }

  private void awaitShown(MachineSpec spec, String data) {
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(agent(spec).replicas()).isEqualTo(Map.of("volumes/0", data)));
  }

  @Test
  void aBlockDeviceIsADiskOfItsOwnForEachKindOfAccess() {
    MachineSpec spec = room.spec();
    Path device = room.write("device", new byte[512]);
    Mount written = new Mount(new Source.BlockDevice(device), "/dev/a", Access.READ_WRITE, false);
    Mount read = new Mount(new Source.BlockDevice(device), "/dev/b", Access.READ_ONLY, false);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      GuestContainer first =
          machine.createContainer(room.container('a', List.of(written, read)), NOTE);
      Path machines = folder.resolve("machines").resolve(spec.id().shortForm());
      Path writable = machines.resolve("device-3");
      Path readable = machines.resolve("device-4");
      assertThat(daemon.hypervisor.disks(DomainName.of(spec.id())))
          .contains(Disk.device(3, writable, false), Disk.device(4, readable, true));
      dev.hull.guest.v1.ContainerSpec made = agent(spec).spec(first.spec().id());
      assertThat(made.getMounts(0).getBlockDevice().getUnit()).isEqualTo(3);
      assertThat(made.getMounts(0).getReadonly()).isFalse();
      assertThat(made.getMounts(1).getBlockDevice().getUnit()).isEqualTo(4);
      assertThat(made.getMounts(1).getReadonly()).isTrue();
      first.remove();
      assertThat(units(daemon, spec)).isEmpty();
      assertThat(writable).doesNotExist();
      assertThat(readable).doesNotExist();
      machine.createContainer(room.container('b', List.of(written)), NOTE);
      machine.remove();
      assertThat(device).exists();
    }
  }

  @Test
  void aMountThatCannotBeLeavesNothingOfItsContainer() {
    MachineSpec spec = room.spec();
    Mount missing =
        new Mount(new Source.HostPath(folder.resolve("missing")), "/m", Access.READ_WRITE, false);
    try (FakeRoom.Daemon daemon = room.daemon()) {
      Machine machine = daemon.machines.start(spec, NOTE);
      assertThatThrownBy(
              () ->
                  machine.createContainer(
                      room.container('a', List.of(image("/i", ""), missing)), NOTE))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("does not exist");
      assertThat(machine.containers()).isEmpty();
      assertThat(agent(spec).containers()).isZero();
      assertThat(units(daemon, spec)).isEmpty();
      machine.remove();
    }
  }
}
