package dev.hull.vm.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdmissionTest {
  private final Map<String, Long> resident = new HashMap<>();
  private long available = 1000;
  private final Admission admission =
      new Admission(() -> available, name -> resident.getOrDefault(name, 0L), 100, 150);

  @Test
  void aMachineThatDoesNotFitIsRefusedWithTheNumbers() {
    assertThatThrownBy(() -> admission.admit("a", new MachineSize(1, 900)))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED))
        .hasMessage(
            "cannot start machine a: it needs 996 MiB (900 for the guest, 96 for QEMU), and 900 MiB"
                + " are left (1000 available on the host, less 0 promised to running machines, less"
                + " 100 kept for the host); stop a pod or lower its memory limits");
  }

  @Test
  void whatWasPromisedAndIsNotYetTakenCounts() {
    admission.admit("a", new MachineSize(1, 500));
    assertThatThrownBy(() -> admission.admit("b", new MachineSize(1, 300)))
        .hasMessageContaining("less 596 promised");
    admission.release("a");
    admission.admit("b", new MachineSize(1, 300));
  }

  @Test
  void whatAMachineHasTakenIsNotCountedTwice() {
    admission.adopt("a", new MachineSize(1, 500), new MachineSize(1, 500));
    resident.put("a", 596L);
    available = 496;
    admission.admit("b", new MachineSize(1, 300));
  }

  @Test
  void admittingTwiceAsksOnce() {
    admission.admit("a", new MachineSize(1, 700));
    admission.admit("a", new MachineSize(1, 700));
  }

  @Test
  void aMachineThatGrowsIsCountedWithWhatItGets() {
    admission.admit("a", new MachineSize(1, 300));
    assertThatThrownBy(
            () -> admission.resize("a", new MachineSize(1, 900), new MachineSize(1, 900)))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED))
        .hasMessage(
            "cannot grow machine a to 900 MiB: it needs 600 MiB more, and 504 MiB are left; stop a"
                + " pod or ask for less");
    admission.resize("a", new MachineSize(1, 800), new MachineSize(1, 800));
    assertThatThrownBy(() -> admission.admit("b", new MachineSize(1, 128)))
        .hasMessageContaining("less 896 promised");
    admission.resize("a", new MachineSize(1, 300), new MachineSize(1, 300));
    admission.admit("b", new MachineSize(1, 128));
  }

  @Test
  void whatIsLentBeyondWhatWasAskedForIsBounded() {
    admission.admit("a", new MachineSize(1, 128));
    admission.admit("b", new MachineSize(1, 128));
    admission.resize("a", new MachineSize(1, 128), new MachineSize(1, 228));
    assertThatThrownBy(
            () -> admission.resize("b", new MachineSize(1, 128), new MachineSize(1, 228)))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED))
        .hasMessage(
            "machine b is not made larger than asked for: 100 of 150 MiB that may be lent are");
    admission.release("a");
    admission.resize("b", new MachineSize(1, 128), new MachineSize(1, 228));
  }

  @Test
  void theHostIsRoundedDownToWholeGib(@TempDir Path folder) throws IOException {
    Path meminfo = Files.writeString(folder.resolve("m"), "MemTotal:    25165823 kB\n");
    assertThat(HostSize.of(300, meminfo)).isEqualTo(new MachineSize(255, 23 * 1024));
    assertThat(HostSize.current().vcpus()).isPositive();
  }

  @Test
  void theHostsFreeMemoryIsRead(@TempDir Path folder) throws IOException {
    Path meminfo =
        Files.writeString(folder.resolve("m"), "MemFree: 1 kB\nMemAvailable:   2048 kB\n");
    assertThat(Admission.parse(meminfo)).isEqualTo(2);
    assertThat(Admission.FreeMemory.ofHost().availableMib()).isPositive();
    assertThat(ResidentMemory.ofProcessMib(ProcessHandle.current().pid())).isPositive();
  }
}
