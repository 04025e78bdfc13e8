package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.vm.Machine;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.capacity.Admission;
import dev.hull.vm.disk.ScratchDisk;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.libvirt.LibvirtConfig;
import dev.hull.vm.libvirt.LibvirtHypervisor;
import dev.hull.vm.libvirt.LibvirtTestRoot;
import dev.hull.vm.network.CniNetwork;
import dev.hull.vm.share.LinuxMounts;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything real: QEMU, the guest image, the agent, CNI plugins, mounts. */
@Tag("machine")
final class RealMachineTest {
  private final SecureRandom random = new SecureRandom();

  @TempDir Path folder;

  @BeforeEach
  void openToQemu() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private MachineSpec spec() {
    return new MachineSpec(
        MachineId.random(random),
        "pod",
        "default",
        "uid",
        "a-host",
        new MachineSize(1, 256),
        MachineSpec.Dns.NONE,
        List.of(),
        Map.of(),
        64 << 20);
  }

  private MachineRuntime open(LibvirtHypervisor hypervisor) {
    String image = System.getenv("HULL_GUEST_IMAGE");
    assertThat(image).as("HULL_GUEST_IMAGE must name a guest image's folder").isNotNull();
    MachineConfig config =
        new MachineConfig(
            folder.resolve("machines"),
            GuestImage.read(Path.of(image)),
            () -> Acceleration.TCG,
            MachineConfig.DEFAULT_BOOT_DEADLINE);
    MachineHost host =
        new MachineHost(
            hypervisor,
            new CniNetwork(
                folder.resolve("net.d"),
                CniNetwork.PLUGINS,
                folder.resolve("network"),
                LibvirtConfig.DEFAULT_USER),
            new LinuxMounts(),
            new Admission(Admission.FreeMemory.ofHost(), name -> 0, 64),
            ScratchDisk.ownedBy(LibvirtConfig.DEFAULT_USER)::make,
            Clock.systemUTC(),
            random);
    return new MachineRuntime(config, host, JournalListener.NONE);
  }

  private LibvirtHypervisor hypervisor() {
    return LibvirtHypervisor.open(LibvirtConfig.defaults(LibvirtTestRoot.path()));
  }

  private Set<String> left(MachineSpec spec) throws Exception {
    String name = spec.id().shortForm();
    Stream<String> links = Stream.of(names("/sys/class/net")).filter(n -> n.contains(name));
    Stream<String> namespaces = Stream.of(names("/run/netns")).filter(n -> n.contains(name));
    Stream<String> mounts =
        new LinuxMounts().below(folder.toRealPath()).stream().map(Path::toString);
    Stream<String> files =
        Stream.of(names(folder.resolve("machines").toString())).filter(n -> !n.equals("lock"));
    return Stream.of(links, namespaces, mounts, files)
        .flatMap(all -> all)
        .collect(Collectors.toSet());
  }

  private static String[] names(String folder) {
    String[] names = Path.of(folder).toFile().list();
    return names == null ? new String[0] : names;
  }

  @Test
  void aMachineStartsAnswersOnItsAddressIsAdoptedAndLeavesNothing() throws Exception {
    MachineSpec spec = spec();
    try (LibvirtHypervisor hypervisor = hypervisor()) {
      try (MachineRuntime machines = open(hypervisor)) {
        Machine machine = machines.start(spec, new byte[] {7});
        assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
        InetAddress address = ((MachineState.Running) machine.state()).addresses().getFirst();
        assertThat(address.isReachable(10_000)).isTrue();
        assertThat(machine.timeline())
            .extracting(Machine.TimelineStep::name)
            .contains("network", "domain", "kernel", "agent", "configured");
      }
      try (MachineRuntime machines = open(hypervisor)) {
        Machine machine = machines.find(spec.id()).orElseThrow();
        assertThat(machine.note()).containsExactly(7);
        assertThat(machine.state()).isInstanceOf(MachineState.Running.class);
        machine.stop(Duration.ofSeconds(1));
        assertThat(machine.state()).isInstanceOf(MachineState.Stopped.class);
        assertThat(hypervisor.state(DomainName.of(spec.id()))).isEmpty();
        machine.remove();
      }
    }
    assertThat(left(spec)).isEmpty();
  }
}
