package dev.hull.vm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.GuestContainer.User;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.SystemCallFilter;
import dev.hull.vm.UserNamespace;
import dev.hull.vm.network.NetworkLease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.000000006Z");
  private static final String CONTAINER = "c".repeat(64);

  @TempDir Path folder;

  private final MachineSpec spec =
      new MachineSpec(
          MachineId.random(new Random(1)),
          "pod",
          "default",
          "uid",
          "host",
          new MachineSize(2, 256),
          new MachineSpec.Dns(List.of("1.1.1.1"), List.of("a"), List.of("ndots:2")),
          List.of(
              new MachineSpec.PortMapping(
                  MachineSpec.PortMapping.Protocol.UDP, 53, 5353, "127.0.0.1")),
          new MachineSpec.Bandwidth(OptionalLong.empty(), OptionalLong.of(10_000_000)),
          Map.of("net.core.somaxconn", "1"),
          Optional.of(
              new UserNamespace(
                  new UserNamespace.Range(65536, 100), new UserNamespace.Range(70000, 200))),
          1 << 20);

  private final ContainerSpec container =
      new ContainerSpec(
          CONTAINER,
          List.of(Path.of("/a"), Path.of("/b")),
          true,
          new ContainerSpec.Program(
              List.of("sh"),
              List.of("A=b"),
              "/w",
              new ContainerSpec.User("u:g", List.of(1, 2), true),
              true,
              true,
              new ContainerSpec.Rights(
                  List.of("CHOWN"), List.of("KILL"), true, new SystemCallFilter(new byte[16])),
              List.of(new ContainerSpec.Rlimit("NOFILE", -1, 3)),
              -5),
          List.of(
              new Mount(new Source.HostPath(Path.of("/h")), "/d", Access.READ_ONLY, true),
              new Mount(
                  new Source.HostPath(Path.of("/r")), "/r", Access.READ_ONLY_RECURSIVE, false),
              new Mount(
                  new Source.BlockDevice(Path.of("/dev/sdz")),
                  "/dev/xvda",
                  Access.READ_ONLY,
                  false),
              new Mount(new Source.Replica(Path.of("/c")), "/c", Access.READ_ONLY, false),
              new Mount(
                  new Source.ImageFiles(List.of(Path.of("/l1"), Path.of("/l2")), "a/b"),
                  "/i",
                  Access.READ_ONLY,
                  false),
              new Mount(new Source.Tmpfs(0), "/t", Access.READ_WRITE, false),
              new Mount(
                  new Source.PodFile(Source.PodFile.Kind.HOSTS),
                  "/etc/hosts",
                  Access.READ_WRITE,
                  false)),
          new ContainerSpec.Resources(
              Optional.of(1),
              Optional.of(2L),
              Optional.empty(),
              Optional.of("0"),
              Optional.of(3L),
              Map.of("pids.max", "20")),
          true,
          new ContainerSpec.PidNamespace.Of("d".repeat(64)),
          List.of("/m"),
          List.of("/r"),
          List.of(new ContainerSpec.Device("/dev/fuse", "/dev/fuse", true, false)));

  private final NetworkLease lease =
      new NetworkLease(
          "hl1",
          "02:00:00:00:00:01",
          1400,
          List.of("10.0.0.2/24"),
          List.of(new NetworkLease.Route("0.0.0.0/0", "10.0.0.1")),
          spec.dns(),
          "{}");

  private final State.Exited exited =
      new State.Exited(NOW, NOW.plusSeconds(1), NOW.plusSeconds(2), 3, true, "m");

  private final List<JournalRecord> records =
      List.of(
          new JournalRecord.NetworkPlanned("{}"),
          new JournalRecord.NetworkAcquired(lease),
          new JournalRecord.ScratchPlanned(),
          new JournalRecord.SharePlanned(),
          new JournalRecord.DomainPlanned(),
          new JournalRecord.Resized(new MachineSize(2, 300), new MachineSize(2, 384)),
          new JournalRecord.Started(NOW),
          new JournalRecord.DiskPlanned(2, new DiskContent.Layers(container.layers())),
          new JournalRecord.DiskPlanned(3, new DiskContent.Device(Path.of("/dev/sdz"), true)),
          new JournalRecord.ContainerPlanned(
              container, ByteString.copyFromUtf8("note"), 2, List.of(0, -1, -1)),
          new JournalRecord.ContainerCreated(CONTAINER, NOW),
          new JournalRecord.ContainerStarted(
              CONTAINER, NOW.plusSeconds(1), 12, Optional.of(new User(33, 34, List.of(34, 4)))),
          new JournalRecord.ContainerUpdated(
              CONTAINER, ContainerSpec.Resources.UNLIMITED, -7, ByteString.copyFromUtf8("another")),
          new JournalRecord.ContainerExited(CONTAINER, exited),
          new JournalRecord.ContainerRemoving(CONTAINER),
          new JournalRecord.Stopping(NOW, true, "r"),
          new JournalRecord.Stopped(),
          new JournalRecord.Removing());

  private Journal journal() {
    return new Journal(folder, JournalListener.NONE);
  }

  private Path file() {
    return folder.resolve(spec.id().shortForm()).resolve("journal");
  }

  @Test
  void everyKindOfRecordIsReadBackAsItWasWritten() {
    List<JournalRecord> all = new ArrayList<>(records);
    all.add(new JournalRecord.Begun(spec, ByteString.copyFromUtf8("x")));
    all.add(new JournalRecord.Assigned(spec, ByteString.copyFromUtf8("y")));
    all.add(new JournalRecord.DiskReleased(2));
    all.add(new JournalRecord.ContainerRemoved(CONTAINER));
    assertThat(all.stream().map(JournalRecord::getClass).distinct())
        .as("a new kind of record must be added to this test")
        .hasSize(JournalRecord.class.getPermittedSubclasses().length);
    assertThat(all)
        .allSatisfy(
            record -> {
              JournalRecord back = Entries.decode(Entries.encode(record));
              if (record instanceof JournalRecord.ContainerExited) {
                assertThat(back)
                    .usingRecursiveComparison()
                    .ignoringFields("state.createdAt")
                    .isEqualTo(record);
              } else {
                assertThat(back).isEqualTo(record);
              }
            });
  }

  @Test
  void aSuccessorFindsEverything() {
    try (Journal journal = journal()) {
      MachineJournal machine = journal.begin(spec, new byte[] {1, 2});
      records.subList(0, 14).forEach(machine::append);
      machine.close();
    }
    try (Journal journal = journal()) {
      MachineJournal machine = journal.open().getFirst();
      History history = machine.history();
      assertThat(history.spec()).isEqualTo(spec);
      assertThat(history.note()).containsExactly(1, 2);
      assertThat(history.lease()).contains(lease);
      assertThat(history.startedAt()).contains(NOW);
      assertThat(history.wantedSize()).isEqualTo(new MachineSize(2, 300));
      assertThat(history.size()).isEqualTo(new MachineSize(2, 384));
      assertThat(history.disks())
          .containsExactly(
              Map.entry(2, new DiskContent.Layers(container.layers())),
              Map.entry(3, new DiskContent.Device(Path.of("/dev/sdz"), true)));
      assertThat(history.container(CONTAINER).orElseThrow().planned().spec())
          .isEqualTo(container.withLimits(ContainerSpec.Resources.UNLIMITED, -7));
      assertThat(history.container(CONTAINER).orElseThrow().state()).contains(exited);
      assertThat(history.stopping()).isEmpty();
      machine.close();
    }
  }

  @Test
  void aTornRecordIsCutOffWhereverItIsTorn() throws Exception {
    try (Journal journal = journal();
        MachineJournal machine = journal.begin(spec, new byte[0])) {
      machine.append(new JournalRecord.NetworkPlanned("first"));
    }
    long whole = Files.size(file());
    try (Journal journal = journal();
        MachineJournal machine = journal.open().getFirst()) {
      machine.append(new JournalRecord.NetworkPlanned("second"));
    }
    byte[] bytes = Files.readAllBytes(file());
    for (int length = (int) whole; length < bytes.length; length++) {
      Files.write(file(), Arrays.copyOf(bytes, length));
      try (Journal journal = journal();
          MachineJournal machine = journal.open().getFirst()) {
        assertThat(machine.history().networkConfiguration()).contains("first");
      }
      assertThat(Files.size(file())).isEqualTo(whole);
    }
    byte[] flipped = bytes.clone();
    flipped[bytes.length - 1] ^= 1;
    Files.write(file(), flipped);
    try (Journal journal = journal();
        MachineJournal machine = journal.open().getFirst()) {
      assertThat(machine.history().networkConfiguration()).contains("first");
    }
  }

  @Test
  void aMachineWhoseJournalNeverBeganIsForgotten() throws Exception {
    Files.createDirectories(file().getParent());
    try (Journal journal = journal()) {
      assertThat(journal.open()).isEmpty();
      assertThat(file().getParent()).doesNotExist();
    }
    Files.createDirectories(file().getParent());
    Files.write(file(), new byte[] {1, 2, 3});
    try (Journal journal = journal()) {
      assertThat(journal.open()).isEmpty();
      assertThat(file().getParent()).doesNotExist();
      journal.begin(spec, new byte[0]).close();
    }
  }

  @Test
  void aLongJournalIsWrittenAnewWithoutLosingAnything() throws Exception {
    try (Journal journal = journal();
        MachineJournal machine = journal.begin(spec, new byte[0])) {
      records.subList(0, 6).forEach(machine::append);
      for (int i = 0; i < 300; i++) {
        machine.append(
            new JournalRecord.DiskPlanned(2, new DiskContent.Layers(List.of(Path.of("/" + i)))));
        machine.append(new JournalRecord.DiskReleased(2));
      }
      machine.append(
          new JournalRecord.DiskPlanned(3, new DiskContent.Layers(List.of(Path.of("/last")))));
    }
    assertThat(Files.size(file())).isLessThan(20_000);
    try (Journal journal = journal();
        MachineJournal machine = journal.open().getFirst()) {
      assertThat(machine.history().disks()).containsOnlyKeys(3);
      assertThat(machine.history().lease()).contains(lease);
    }
  }

  @Test
  void aSecondProcessIsTurnedAway() {
    try (Journal journal = journal()) {
      assertThat(journal.open()).isEmpty();
      assertThatThrownBy(this::journal)
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("belong to another hull process");
    }
  }

  @Tag("machine")
  @Test
  void aFullDiskIsAnErrorThatSaysSoAndLeavesTheJournalWhole() throws Exception {
    assertThat(System.getProperty("user.name"))
        .as("the user: only root mounts a small tmpfs; run the tests by ./hull test, as root")
        .isEqualTo("root");
    Path small = Files.createDirectory(folder.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString());
    try {
      try (Journal journal = new Journal(small, JournalListener.NONE);
          MachineJournal machine = journal.begin(spec, new byte[0])) {
        machine.append(new JournalRecord.NetworkPlanned("kept"));
        JournalRecord large = new JournalRecord.NetworkPlanned("x".repeat(100_000));
        assertThatThrownBy(() -> machine.append(large))
            .isInstanceOfSatisfying(
                MachineException.class,
                e -> assertThat(e.kind()).isEqualTo(MachineException.Kind.EXHAUSTED))
            .hasMessageContaining("is full (")
            .hasMessageContaining("free some space and try again");
        assertThat(machine.history().networkConfiguration()).contains("kept");
        machine.append(new JournalRecord.NetworkPlanned("again"));
      }
      try (Journal journal = new Journal(small, JournalListener.NONE);
          MachineJournal machine = journal.open().getFirst()) {
        assertThat(machine.history().networkConfiguration()).contains("again");
      }
    } finally {
      run("umount", small.toString());
    }
  }

  private static void run(String... argv) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(argv).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }
}
