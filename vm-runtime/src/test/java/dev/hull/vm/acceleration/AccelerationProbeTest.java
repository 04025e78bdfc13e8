package dev.hull.vm.acceleration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.acceleration.AccelerationProbe.Host;
import dev.hull.vm.acceleration.AccelerationProbe.Verdict;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.FakeHost;
import dev.hull.vm.hypervisor.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccelerationProbeTest {
  @TempDir Path folder;

  private final AtomicInteger boots = new AtomicInteger();
  private Path device;
  private Path bootId;
  private Path kernel;

  @BeforeEach
  void makeHost() throws IOException {
    device = Files.createFile(folder.resolve("kvm"));
    bootId = Files.writeString(folder.resolve("boot_id"), "one\n");
    kernel = Files.writeString(folder.resolve("vmlinux"), "kernel");
  }

  private Verdict probe(TrialBoot trial) {
    TrialBoot counted =
        (acceleration, deadline) -> {
          boots.incrementAndGet();
          trial.boot(acceleration, deadline);
        };
    return new AccelerationProbe(
            new Host(device, bootId, List.of(kernel)), folder.resolve("answer"), counted)
        .verdict();
  }

  private static TrialBoot failing(Kind kind, String words) {
    return (acceleration, deadline) -> {
      throw new MachineException(kind, words);
    };
  }

  @Test
  void withoutTheDeviceItIsTcgWithoutABoot() throws IOException {
    Files.delete(device);
    Verdict verdict = probe((acceleration, deadline) -> {});
    assertThat(verdict.acceleration()).isEqualTo(Acceleration.TCG);
    assertThat(verdict.reason()).contains("does not exist");
    assertThat(verdict.remedy()).contains("kvm_intel");
    assertThat(boots).hasValue(0);
  }

  @Test
  void aDeviceThatCannotBeOpenedIsTcg() throws IOException {
    // Root may open anything that can be opened; a link into nowhere exists for nobody.
    Files.delete(device);
    Files.createSymbolicLink(device, folder.resolve("nowhere"));
    assertThat(probe((acceleration, deadline) -> {}).acceleration()).isEqualTo(Acceleration.TCG);
    assertThat(boots).hasValue(0);
  }

  @Test
  void aDeviceThatQemuMayNotOpenIsTcgWithQemusWords() {
    Verdict verdict =
        probe(failing(Kind.INTERNAL, "Could not access KVM kernel module: Permission denied"));
    assertThat(verdict.acceleration()).isEqualTo(Acceleration.TCG);
    assertThat(verdict.reason()).contains("Permission denied");
  }

  @Test
  void aKernelThatBootsIsKvm() {
    assertThat(probe((acceleration, deadline) -> {}).acceleration()).isEqualTo(Acceleration.KVM);
  }

  @Test
  void aKernelThatIsNotUpInTimeIsTcg() {
    Verdict verdict = probe(failing(Kind.DEADLINE, "the guest was not up after 4000 ms"));
    assertThat(verdict.acceleration()).isEqualTo(Acceleration.TCG);
    assertThat(verdict.reason()).contains("not up after 4000 ms");
  }

  @Test
  void aKernelThatCrashesIsTcg() {
    Verdict verdict = probe(failing(Kind.UNAVAILABLE, "the guest died before it came up"));
    assertThat(verdict.reason()).contains("died before it came up");
  }

  @Test
  void theAnswerIsRememberedUntilTheHostRebootsOrTheKernelChanges() throws IOException {
    TrialBoot slow = failing(Kind.DEADLINE, "too slow");
    assertThat(probe(slow).measured()).isTrue();
    Verdict again = probe(slow);
    assertThat(again.acceleration()).isEqualTo(Acceleration.TCG);
    assertThat(again.reason()).contains("too slow");
    assertThat(again.remedy()).contains("delete " + folder.resolve("answer"));
    assertThat(again.measured()).isFalse();
    assertThat(boots).hasValue(1);

    Files.writeString(bootId, "two\n");
    assertThat(probe((acceleration, deadline) -> {}).acceleration()).isEqualTo(Acceleration.KVM);
    assertThat(boots).hasValue(2);
    Files.writeString(kernel, "another kernel");
    probe(slow);
    assertThat(boots).hasValue(3);
  }

  @Test
  void aDeviceThatIsOpenedToOthersIsTriedAgain() throws IOException {
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-------"));
    probe(failing(Kind.INTERNAL, "Permission denied"));
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw----"));
    assertThat(probe((acceleration, deadline) -> {}).acceleration()).isEqualTo(Acceleration.KVM);
  }

  @Test
  void theReasonIsALineAndNotTheLogsBelowIt() {
    Verdict verdict = probe(failing(Kind.INTERNAL, "QEMU ended\n  its log\n  more of it"));
    assertThat(verdict.reason()).endsWith("QEMU ended");
  }

  @Test
  void anAnswerThatCannotBeReadIsFoundOutAgain() throws IOException {
    probe((acceleration, deadline) -> {});
    String kept = Files.readString(folder.resolve("answer"));
    Files.writeString(folder.resolve("answer"), kept.replace("acceleration=KVM", "acceleration=?"));
    assertThat(probe((acceleration, deadline) -> {}).acceleration()).isEqualTo(Acceleration.KVM);
    assertThat(boots).hasValue(2);
  }

  @Test
  void whatATrialOfAKilledProcessLeftIsReleasedAndNothingElse() throws Exception {
    FakeHost host = new FakeHost(FakeHost.Guest.SILENT);
    Files.createDirectory(folder.resolve("machines"));
    DomainName left;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      FakeHypervisor killed = new FakeHypervisor(host);
      DomainTrial trial = new DomainTrial(killed, folder, kernel, new Random(1));
      Future<?> boot = threads.submit(() -> trial.boot(Acceleration.KVM, Duration.ofSeconds(10)));
      Awaitility.await().until(() -> !killed.list().isEmpty());
      left = killed.list().getFirst();
      killed.close();
      assertThatThrownBy(boot::get).isInstanceOf(ExecutionException.class);
    }
    Path place = folder.resolve(left.value().replace("hull-", "trial-"));
    Files.createDirectories(place.resolve("share"));

    try (FakeHypervisor successor = new FakeHypervisor(host)) {
      assertThat(successor.list()).containsExactly(left);
      DomainTrial trial = new DomainTrial(successor, folder, kernel, new Random(2));
      trial.releaseLeftovers();
      trial.releaseLeftovers();
      assertThat(successor.list()).isEmpty();
    }
    assertThat(place).doesNotExist();
    assertThat(folder.resolve("machines")).exists();
    host.checkNothingLeaked();
  }

  @Test
  void aTrialThatSaysItsLineSucceedsAndOneThatDiesOrHangsFailsAndNothingIsLeft() throws Exception {
    FakeHost host = new FakeHost(FakeHost.Guest.SILENT);
    Path place = Files.createDirectory(folder.resolve("trials"));
    try (FakeHypervisor hypervisor = new FakeHypervisor(host);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      DomainTrial trial = new DomainTrial(hypervisor, place, kernel, new Random(1));

      Future<?> good = threads.submit(() -> trial.boot(Acceleration.KVM, Duration.ofSeconds(10)));
      Awaitility.await().until(() -> !hypervisor.list().isEmpty());
      host.writeConsole(hypervisor.list().getFirst(), "hull-trial: userspace\n");
      good.get();

      Future<?> dying = threads.submit(() -> trial.boot(Acceleration.KVM, Duration.ofSeconds(10)));
      Awaitility.await().until(() -> !hypervisor.list().isEmpty());
      host.kill(hypervisor.list().getFirst(), DomainStopped.Reason.FAILED, "killed");
      assertThatThrownBy(dying::get).hasMessageContaining("died before it came up");

      assertThatThrownBy(() -> trial.boot(Acceleration.KVM, Duration.ofMillis(50)))
          .hasMessageContaining("not up after 50 ms");
      try (var left = Files.list(place)) {
        assertThat(left).isEmpty();
      }
    }
    host.checkNothingLeaked();
  }
}
