package dev.hull.vm.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import dev.hull.vm.acceleration.TinyGuest.Deed;
import dev.hull.vm.hypervisor.DomainStopped.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every hypervisor promises. */
public abstract class HypervisorContract {
  protected static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final MachineSize SMALL = new MachineSize(1, 192);
  private static final SizeRange TO_TWO_CPUS = new SizeRange(SMALL, new MachineSize(2, 192));
  private static final SizeRange TO_448_MIB = new SizeRange(SMALL, new MachineSize(1, 448));
  private static final SizeRange TO_BOTH = new SizeRange(SMALL, new MachineSize(2, 448));

  private static final DomainName NOBODY = DomainName.of(DomainFiles.id(9));

  protected final List<DomainStopped> stopped = new CopyOnWriteArrayList<>();
  protected Hypervisor hypervisor;
  protected DomainFiles files;

  protected abstract Hypervisor open() throws IOException;

  protected abstract DomainFiles files() throws IOException;

  /** Makes the domain's QEMU die. */
  protected abstract void kill(DomainName name);

  @BeforeEach
  void openHypervisor() throws IOException {
    files = files();
    hypervisor = open();
    hypervisor.onStopped(stopped::add);
  }

  @AfterEach
  void nothingIsLeft() {
    hypervisor.list().forEach(hypervisor::destroy);
    hypervisor.close();
    checkNothingLeaked();
  }

  protected abstract void checkNothingLeaked();

  protected static void assertRefused(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  @Test
  void nothingCanBeDoneWithADomainThatDoesNotExist() {
    Disk disk = Disk.readOnly(2, files.disk("disk.img"));
    assertThat(hypervisor.state(NOBODY)).isEmpty();
    assertRefused(Kind.NOT_FOUND, () -> hypervisor.attachDisk(NOBODY, disk));
    assertRefused(Kind.NOT_FOUND, () -> hypervisor.detachDisk(NOBODY, 2));
    assertRefused(Kind.NOT_FOUND, () -> hypervisor.disks(NOBODY));
    assertRefused(Kind.NOT_FOUND, () -> hypervisor.sizes(NOBODY));
    assertRefused(Kind.NOT_FOUND, () -> hypervisor.grow(NOBODY, SMALL));
    assertRefused(Kind.NOT_FOUND, () -> hypervisor.processes(NOBODY));
  }

  @Test
  void destroyingADomainThatDoesNotExistDoesNothing() {
    hypervisor.destroy(NOBODY);
    assertThat(stopped).isEmpty();
  }

  @Test
  void aStartThatFailsLeavesNothingAndIsNotToldAsAStop() {
    DomainSpec good = files.spec(1, Deed.IDLE);
    DomainSpec bad =
        new DomainSpec(
            good.machine(),
            good.sizes(),
            good.acceleration(),
            new DomainSpec.Boot(Path.of("/nowhere/vmlinux"), good.boot().initramfs(), ""),
            good.memory(),
            good.rootDisk(),
            good.scratchDisk(),
            good.ports(),
            good.console(),
            good.share(),
            good.network());
    assertThatThrownBy(() -> hypervisor.start(bad))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("/nowhere/vmlinux");
    assertThat(hypervisor.state(bad.name())).isEmpty();
    hypervisor.start(good);
    assertThat(hypervisor.state(good.name())).contains(DomainState.RUNNING);
    assertThat(stopped).isEmpty();
  }

  @Test
  void aNameIsTakenOnce() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    assertRefused(Kind.ALREADY_EXISTS, () -> hypervisor.start(spec));
    assertThat(hypervisor.state(spec.name())).contains(DomainState.RUNNING);
  }

  @Test
  void aDomainRunsFromItsStartToItsDestruction() throws IOException {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);

    assertThat(hypervisor.list()).containsExactly(spec.name());
    assertThat(hypervisor.disks(spec.name()))
        .containsExactly(
            Disk.readOnly(0, spec.rootDisk()), Disk.writable(1, spec.scratchDisk().orElseThrow()));
    assertThat(hypervisor.processes(spec.name()))
        .extracting(DomainProcess::role)
        .containsExactlyInAnyOrder(DomainProcess.Role.QEMU, DomainProcess.Role.VIRTIOFSD);
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(spec.ports().agent()))) {
      assertThat(channel.isConnected()).isTrue();
    }

    hypervisor.destroy(spec.name());
    assertThat(hypervisor.state(spec.name())).isEmpty();
    assertThat(hypervisor.list()).isEmpty();
    hypervisor.destroy(spec.name());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(stopped)
                    .extracting(DomainStopped::domain, DomainStopped::reason)
                    .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(spec.name(), Reason.DESTROYED)));
  }

  @Test
  void aDomainThatDiesIsToldOfAndGone() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    kill(spec.name());
    await().atMost(PATIENCE).until(() -> !stopped.isEmpty());
    assertThat(stopped)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.domain()).isEqualTo(spec.name());
              assertThat(event.reason()).isEqualTo(Reason.FAILED);
              assertThat(event.detail()).contains("QEMU");
            });
    assertThat(hypervisor.state(spec.name())).isEmpty();
    hypervisor.start(spec);
    assertThat(hypervisor.state(spec.name())).contains(DomainState.RUNNING);
  }

  @Test
  void aDiskIsPluggedInAndTakenAway() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    Disk disk = Disk.readOnly(2, files.disk("disk.img"));
    Disk last = Disk.readOnly(255, files.disk("last.img"));
    hypervisor.attachDisk(spec.name(), disk);
    hypervisor.attachDisk(spec.name(), last);
    assertThat(hypervisor.disks(spec.name())).contains(disk, last).hasSize(4);

    hypervisor.detachDisk(spec.name(), 2);
    hypervisor.detachDisk(spec.name(), 2);
    assertThat(hypervisor.disks(spec.name())).contains(last).hasSize(3);
    hypervisor.attachDisk(spec.name(), disk);
    assertThat(hypervisor.disks(spec.name())).contains(disk);
  }

  @Test
  void aSavedDomainGoesOnAsAnotherWithDevicesOfItsOwn() throws IOException {
    DomainSpec first = files.template(1, Deed.IDLE);
    hypervisor.start(first);
    Path state = files.file("state");
    hypervisor.save(first.name(), state);
    assertThat(hypervisor.state(first.name())).contains(DomainState.PAUSED);

    DomainSpec second = files.template(2, Deed.IDLE);
    assertThat(hypervisor.kinship(second)).isEqualTo(hypervisor.kinship(first));
    try (OutputStream memory = Files.newOutputStream(second.memory().orElseThrow())) {
      Files.copy(first.memory().orElseThrow(), memory);
    }
    hypervisor.destroy(first.name());
    hypervisor.restore(second, state, () -> {});
    assertThat(hypervisor.state(second.name())).contains(DomainState.PAUSED);
    Disk scratch = Disk.readOnly(1, files.disk("scratch.img"));
    hypervisor.attachDisk(second.name(), scratch);
    hypervisor.attachShare(second.name(), files.folder("share"));
    hypervisor.resume(second.name());

    assertThat(hypervisor.state(second.name())).contains(DomainState.RUNNING);
    assertThat(hypervisor.disks(second.name())).contains(scratch);
    assertThat(hypervisor.processes(second.name()))
        .extracting(DomainProcess::role)
        .contains(DomainProcess.Role.QEMU, DomainProcess.Role.VIRTIOFSD);
  }

  @Test
  void whatIsNoStateIsNotRestoredAndNothingIsLeft() throws IOException {
    DomainSpec spec = files.template(1, Deed.IDLE);
    Path state = Files.writeString(files.file("state"), "this is no state of a machine");
    assertThatThrownBy(() -> hypervisor.restore(spec, state, () -> {}))
        .isInstanceOf(MachineException.class);
    assertThat(hypervisor.state(spec.name())).isEmpty();
    assertThat(hypervisor.list()).isEmpty();
  }

  @Test
  void machinesOfOtherSizesAreNoKin() {
    DomainSpec spec = files.template(1, Deed.IDLE);
    assertThat(hypervisor.kinship(spec))
        .isNotEqualTo(hypervisor.kinship(files.spec(2, Deed.IDLE, 2)));
  }

  @Test
  void domainsThatGrowToOtherSizesAreNoKin() {
    DomainSpec spec = files.template(1, Deed.IDLE);
    assertThat(hypervisor.kinship(spec))
        .isNotEqualTo(hypervisor.kinship(DomainFiles.with(spec, TO_TWO_CPUS)))
        .isNotEqualTo(hypervisor.kinship(DomainFiles.with(spec, TO_448_MIB)));
  }

  @Test
  void aDomainGrowsByStepsAndKeepsWhatItHas() {
    DomainSpec spec = DomainFiles.with(files.spec(1, Deed.IDLE), TO_BOTH);
    DomainName name = spec.name();
    hypervisor.start(spec);
    assertThat(hypervisor.sizes(name)).isEqualTo(TO_BOTH);
    assertThat(hypervisor.grow(name, new MachineSize(1, 128))).isEqualTo(new MachineSize(1, 192));
    assertThat(hypervisor.grow(name, new MachineSize(2, 200))).isEqualTo(new MachineSize(2, 320));
    assertThat(hypervisor.grow(name, new MachineSize(1, 321))).isEqualTo(new MachineSize(2, 448));
    assertThat(hypervisor.grow(name, new MachineSize(1, 128))).isEqualTo(new MachineSize(2, 448));
    assertThat(hypervisor.state(name)).contains(DomainState.RUNNING);
  }

  @Test
  void aDomainDoesNotGrowBeyondItsMost() {
    DomainSpec spec = DomainFiles.with(files.spec(1, Deed.IDLE), TO_BOTH);
    hypervisor.start(spec);
    assertRefused(Kind.INVALID, () -> hypervisor.grow(spec.name(), new MachineSize(3, 192)));
    assertRefused(Kind.INVALID, () -> hypervisor.grow(spec.name(), new MachineSize(1, 449)));
    assertThat(hypervisor.grow(spec.name(), new MachineSize(1, 128)))
        .isEqualTo(new MachineSize(1, 192));
  }

  @Test
  void aCopyGrowsWhileItStandsStill() throws IOException {
    DomainSpec first = DomainFiles.with(files.template(1, Deed.IDLE), TO_BOTH);
    hypervisor.start(first);
    Path state = files.file("state");
    hypervisor.save(first.name(), state);
    DomainSpec second = DomainFiles.with(files.template(2, Deed.IDLE), TO_BOTH);
    try (OutputStream memory = Files.newOutputStream(second.memory().orElseThrow())) {
      Files.copy(first.memory().orElseThrow(), memory);
    }
    hypervisor.destroy(first.name());
    hypervisor.restore(second, state, () -> {});
    assertThat(hypervisor.grow(second.name(), new MachineSize(2, 448)))
        .isEqualTo(new MachineSize(2, 448));
    assertThat(hypervisor.state(second.name())).contains(DomainState.PAUSED);
    hypervisor.attachShare(second.name(), files.folder("share"));
    hypervisor.resume(second.name());
    assertThat(hypervisor.state(second.name())).contains(DomainState.RUNNING);
  }

  @Test
  void whatADomainHasGrownToIsKnownToTheNext() throws IOException {
    DomainSpec spec = DomainFiles.with(files.spec(1, Deed.IDLE), TO_BOTH);
    hypervisor.start(spec);
    hypervisor.grow(spec.name(), new MachineSize(2, 320));
    hypervisor.close();

    hypervisor = open();
    hypervisor.onStopped(stopped::add);
    assertThat(hypervisor.sizes(spec.name())).isEqualTo(TO_BOTH);
    assertThat(hypervisor.grow(spec.name(), new MachineSize(1, 128)))
        .isEqualTo(new MachineSize(2, 320));
    assertThat(hypervisor.grow(spec.name(), new MachineSize(1, 400)))
        .isEqualTo(new MachineSize(2, 448));
  }

  @Test
  void oneFileCanBeADiskOfSeveralDomains() {
    DomainSpec first = files.spec(1, Deed.IDLE);
    DomainSpec second = files.spec(2, Deed.IDLE);
    Disk disk = Disk.readOnly(2, files.disk("disk.img"));
    for (DomainSpec spec : List.of(first, second)) {
      hypervisor.start(spec);
      hypervisor.attachDisk(spec.name(), disk);
    }
    assertThat(hypervisor.disks(second.name())).contains(disk);
  }

  @Test
  void aDiskThatCannotBePluggedInIsNotThere() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    Disk disk = Disk.readOnly(2, files.disk("disk.img"));
    hypervisor.attachDisk(spec.name(), disk);
    assertRefused(
        Kind.ALREADY_EXISTS,
        () -> hypervisor.attachDisk(spec.name(), Disk.readOnly(2, files.disk("other.img"))));
    assertRefused(
        Kind.INVALID,
        () -> hypervisor.attachDisk(spec.name(), Disk.readOnly(3, Path.of("/nowhere/disk.img"))));
    assertThat(hypervisor.disks(spec.name())).contains(disk).hasSize(3);
  }

  @Test
  void domainsOutliveTheHypervisorAndAreFoundByTheNext() throws IOException {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    Disk disk = Disk.readOnly(2, files.disk("disk.img"));
    hypervisor.attachDisk(spec.name(), disk);
    List<DomainProcess> before = hypervisor.processes(spec.name());
    hypervisor.close();

    hypervisor = open();
    hypervisor.onStopped(stopped::add);
    assertThat(hypervisor.list()).containsExactly(spec.name());
    assertThat(hypervisor.disks(spec.name())).contains(disk);
    assertThat(hypervisor.processes(spec.name())).isEqualTo(before);
    hypervisor.detachDisk(spec.name(), 2);
    kill(spec.name());
    await().atMost(PATIENCE).until(() -> !stopped.isEmpty());
    assertThat(hypervisor.list()).isEmpty();
  }

  @Test
  void severalDomainsAreStartedAndDestroyedAtOnce() throws Exception {
    List<DomainSpec> specs =
        List.of(files.spec(1, Deed.IDLE), files.spec(2, Deed.IDLE), files.spec(3, Deed.IDLE));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var start :
          specs.stream().map(s -> threads.submit(() -> hypervisor.start(s))).toList()) {
        start.get();
      }
      assertThat(hypervisor.list()).hasSize(3);
      for (var end :
          specs.stream().map(s -> threads.submit(() -> hypervisor.destroy(s.name()))).toList()) {
        end.get();
      }
    }
    assertThat(hypervisor.list()).isEmpty();
    await().atMost(PATIENCE).until(() -> stopped.size() == 3);
  }
}
