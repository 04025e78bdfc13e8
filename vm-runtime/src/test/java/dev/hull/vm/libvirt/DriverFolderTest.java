package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.hypervisor.DomainName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DriverFolderTest {
  private static final String MACHINE = "hull-0123456789ab";

  @TempDir private Path folder;

  /** Whose QEMU is this JVM. */
  private DriverFolder driver(String hypervisor) throws IOException {
    return new DriverFolder(
        new LibvirtConfig(
            folder.resolve("libvirt"),
            LibvirtUri.optional(hypervisor),
            Path.of("/proc/self/exe").toRealPath(),
            Path.of("/nowhere/virtiofsd"),
            "user",
            false));
  }

  private String socket() {
    return "qemu+unix:///system?socket=" + folder.resolve("other/libvirt-sock");
  }

  private void aMachineRuns(Path state) throws IOException {
    Files.createDirectories(state);
    Files.writeString(state.resolve(MACHINE + ".xml"), "<domstatus/>");
    Files.writeString(
        state.resolve(MACHINE + ".pid"), Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void aRootWhoseMachinesRunUnderAnotherDriverIsRefused() throws IOException {
    driver("").prepare();
    aMachineRuns(folder.resolve("libvirt/run/qemu"));
    assertThatThrownBy(() -> driver(socket()).prepare())
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("[" + MACHINE + "] run under qemu:///embed");
    driver("").prepare();
  }

  @Test
  void andTheOtherWayRound() throws IOException {
    driver(socket()).prepare();
    aMachineRuns(folder.resolve("other/qemu"));
    assertThatThrownBy(() -> driver("").prepare())
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("[" + MACHINE + "] run under " + socket());
  }

  @Test
  void oneWithoutMachinesMayChange() throws IOException {
    driver("").prepare();
    driver(socket()).prepare();
    assertThat(folder.resolve("libvirt/driver")).hasContent(socket());
  }

  @Test
  void whatAKilledDriverWasAboutToMakeGoesAndWhatIsOthersStays() throws IOException {
    Path library = folder.resolve("libvirt/lib/qemu");
    Path own = Files.createDirectories(library.resolve("domain-3-" + MACHINE));
    Path channels = Files.createDirectories(library.resolve("channel/target/domain-3-" + MACHINE));
    Path other = Files.createDirectories(library.resolve("domain-4-hull-ba9876543210"));
    Path status = Files.createDirectories(folder.resolve("libvirt/run/qemu"));
    Files.writeString(status.resolve(MACHINE + ".xml.new"), "<domst");
    Files.writeString(status.resolve(MACHINE + ".pid"), "2000000000");
    Files.writeString(status.resolve("127-" + MACHINE + "-fs0-fs.pid"), "2000000000");
    Files.writeString(status.resolve("127-" + MACHINE + "-fs0-fs.sock"), "");
    Files.writeString(own.resolve("master-key.aes"), "key");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("precious"), "");
    Files.createSymbolicLink(own.resolve("link"), elsewhere);
    driver("").forget(new DomainName(MACHINE));
    assertThat(own).doesNotExist();
    assertThat(channels).doesNotExist();
    assertThat(status).isEmptyDirectory();
    assertThat(other).exists();
    assertThat(elsewhere.resolve("precious")).exists();
  }

  @Test
  void whereTheProcessesOfALivingMachineAreNotedStays() throws IOException {
    Path status = folder.resolve("libvirt/run/qemu");
    aMachineRuns(status);
    driver("").forget(new DomainName(MACHINE));
    assertThat(status.resolve(MACHINE + ".pid")).exists();
  }
}
