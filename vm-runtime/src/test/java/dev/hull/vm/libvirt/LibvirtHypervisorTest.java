package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.vm.MachineException;
import dev.hull.vm.acceleration.TinyGuest.Deed;
import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainFiles;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.DomainProcess.Role;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.DomainStopped.Reason;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.hypervisor.HypervisorContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on real QEMUs, and what only a real one can show. */
@Tag("machine")
final class LibvirtHypervisorTest extends HypervisorContract {
  private static final Duration BOOT = Duration.ofSeconds(60);

  private final Path root = LibvirtTestRoot.path();

  @TempDir Path folder;

  @BeforeEach
  void openToQemu() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Override
  protected Hypervisor open() {
    return LibvirtHypervisor.open(LibvirtConfig.embedded(root));
  }

  @Override
  protected DomainFiles files() {
    String image = System.getenv("HULL_GUEST_IMAGE");
    assertThat(image).as("HULL_GUEST_IMAGE must name a guest image's folder").isNotNull();
    return new DomainFiles(folder, Path.of(image, "vmlinux"));
  }

  @Override
  protected void kill(DomainName name) {
    kill(name, Role.QEMU);
  }

  private void kill(DomainName name, Role role) {
    ProcessHandle.of(pid(name, role)).orElseThrow().destroyForcibly();
  }

  private long pid(DomainName name, Role role) {
    return hypervisor.processes(name).stream()
        .filter(process -> process.role() == role)
        .findFirst()
        .orElseThrow()
        .pid();
  }

  @Override
  protected void checkNothingLeaked() {
    assertThat(leftIn("run/qemu", "*hull-*")).isEmpty();
    assertThat(leftIn("log/qemu", "*")).isEmpty();
    assertThat(leftIn("lib/qemu", "domain-*")).isEmpty();
    assertThat(
            ProcessHandle.current()
                .descendants()
                .map(process -> process.info().command().orElse(""))
                .filter(command -> command.contains("qemu") || command.contains("virtiofsd")))
        .isEmpty();
  }

  private List<Path> leftIn(String subfolder, String glob) {
    List<Path> left = new ArrayList<>();
    Path searched = root.resolve(subfolder);
    if (Files.isDirectory(searched)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(searched, glob)) {
        found.forEach(left::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return left;
  }

  private DomainStopped awaitStop() {
    await().atMost(BOOT).until(() -> !stopped.isEmpty());
    return stopped.getFirst();
  }

  @Test
  void aGuestThatPowersOffEndsItsDomainAndItsConsoleIsKept() {
    DomainSpec spec = files.spec(1, Deed.POWER_OFF);
    hypervisor.start(spec);
    assertThat(awaitStop().reason()).isEqualTo(Reason.POWERED_OFF);
    assertThat(ConsoleLog.tail(spec.console().log(), 20))
        .anyMatch(line -> line.contains("hull-test-init: up"))
        .anyMatch(line -> line.contains("Power down"));
  }

  @Test
  void aGuestThatRebootsEndsItsDomain() {
    hypervisor.start(files.spec(1, Deed.REBOOT));
    assertThat(awaitStop().reason()).isEqualTo(Reason.POWERED_OFF);
    assertThat(hypervisor.list()).isEmpty();
  }

  @Test
  void aKernelThatPanicsEndsItsDomainAndSaysWhyOnItsConsole() {
    DomainSpec spec = files.spec(1, Deed.EXIT);
    hypervisor.start(spec);
    assertThat(awaitStop().reason()).isIn(Reason.POWERED_OFF, Reason.CRASHED);
    assertThat(String.join("\n", ConsoleLog.tail(spec.console().log(), 40)))
        .contains("Attempted to kill init");
  }

  @Test
  void aGuestThatFloodsItsConsoleFillsNoDisk() {
    DomainSpec spec = files.spec(1, Deed.FLOOD);
    hypervisor.start(spec);
    await()
        .atMost(BOOT)
        .until(
            () -> Files.exists(spec.console().log()) && Files.size(spec.console().log()) > 65536);
    hypervisor.destroy(spec.name());
    assertThat(spec.console().log().toFile().length()).isLessThanOrEqualTo(ConsoleLog.MAX_BYTES);
    assertThat(ConsoleLog.tail(spec.console().log(), 3)).hasSize(3);
  }

  @Test
  void aDomainWhoseVirtiofsdDiesIsEndedWithinTwoSeconds() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    long pid = pid(spec.name(), Role.VIRTIOFSD);
    kill(spec.name(), Role.VIRTIOFSD);
    await().atMost(Duration.ofSeconds(2)).until(() -> !stopped.isEmpty());
    assertThat(stopped)
        .containsExactly(
            new DomainStopped(spec.name(), Reason.FAILED, "virtiofsd (pid " + pid + ") died"));
    assertThat(hypervisor.list()).isEmpty();
  }

  @Test
  void aDomainWhoseQemuDiesIsGoneWithinTwoSeconds() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    kill(spec.name());
    await().atMost(Duration.ofSeconds(2)).until(() -> !stopped.isEmpty());
  }

  @Test
  void destroyingTakesLessThanASecondHoweverLateOrphansAreReapedHere() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    long began = System.nanoTime();
    hypervisor.destroy(spec.name());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void aTapThatDoesNotExistIsNamed() {
    DomainSpec.NetworkCard card =
        new DomainSpec.NetworkCard("no-such-tap", "02:00:00:00:00:01", 1500);
    DomainSpec spec = files.spec(1, Deed.IDLE, Optional.of(card));
    assertThatThrownBy(() -> hypervisor.start(spec))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("there is no tap device no-such-tap");
    assertThat(hypervisor.list()).isEmpty();
  }

  @Test
  void aStartThatFailsIsOverWithinSecondsThoughVirtiofsdWaitsForItsQemu() throws IOException {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    Files.delete(spec.rootDisk());
    long began = System.nanoTime();
    assertThatThrownBy(() -> hypervisor.start(spec))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining(spec.rootDisk().toString());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(hypervisor.list()).isEmpty();
  }

  @Test
  void qemuHasNoPrivilegesAndASeccompFilterAndAllCpus() throws IOException {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    String status = Files.readString(Path.of("/proc/" + pid(spec.name(), Role.QEMU) + "/status"));
    assertThat(status)
        .contains("CapEff:\t0000000000000000")
        .contains("Seccomp:\t2")
        .doesNotContain("Uid:\t0\t");
    String own = Files.readString(Path.of("/proc/self/status"));
    assertThat(line(status, "Cpus_allowed:")).isEqualTo(line(own, "Cpus_allowed:"));
  }

  private static String line(String status, String key) {
    return status.lines().filter(line -> line.startsWith(key)).findFirst().orElseThrow();
  }

  @Test
  void qemuHasClosedTheFilesOfADetachedDisk() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    Path file = files.disk("disk.img");
    hypervisor.attachDisk(spec.name(), Disk.readOnly(2, file));
    long qemu = pid(spec.name(), Role.QEMU);
    assertThat(openFiles(qemu)).contains(file);
    hypervisor.detachDisk(spec.name(), 2);
    assertThat(openFiles(qemu)).doesNotContain(file);
  }

  private static List<Path> openFiles(long pid) {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      List<Path> open = new ArrayList<>();
      for (Path descriptor : descriptors.toList()) {
        open.add(Files.readSymbolicLink(descriptor));
      }
      return open;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aMissingProgramIsNamedWithItsPackage() {
    LibvirtConfig config =
        new LibvirtConfig(
            root.resolve("other"),
            Optional.empty(),
            Path.of("/nowhere/qemu"),
            Path.of("/nowhere/virtiofsd"),
            "x",
            false);
    assertThatThrownBy(() -> LibvirtHypervisor.open(config))
        .isInstanceOf(MachineException.class)
        .hasMessage("cannot find /nowhere/qemu; install qemu-system-x86");
  }

  @Test
  void theProcessesOfADomainAreThoseThatItIsMadeOf() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    assertThat(hypervisor.processes(spec.name()))
        .extracting(DomainProcess::pid)
        .allMatch(pid -> ProcessHandle.of(pid).isPresent());
  }
}
