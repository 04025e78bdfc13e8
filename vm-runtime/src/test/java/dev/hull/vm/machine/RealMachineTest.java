package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineEvent;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineState;
import dev.hull.vm.capacity.Admission;
import dev.hull.vm.disk.DeviceNode;
import dev.hull.vm.disk.ScratchDisk;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.libvirt.LibvirtConfig;
import dev.hull.vm.libvirt.LibvirtHypervisor;
import dev.hull.vm.libvirt.LibvirtTestRoot;
import dev.hull.vm.network.CniNetwork;
import dev.hull.vm.replica.FolderWatcher;
import dev.hull.vm.share.LinuxMounts;
import dev.hull.vm.template.MemoryFiles;
import dev.hull.vm.template.Templates;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything real: QEMU, the guest image, the agent, CNI plugins, mounts. */
@Tag("machine")
final class RealMachineTest {
  private static final Duration SOON = Duration.ofSeconds(60);

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
        MachineSpec.Bandwidth.UNBOUNDED,
        Map.of(),
        Optional.empty(),
        64 << 20);
  }

  private MachineRuntime open(LibvirtHypervisor hypervisor) {
    String image = System.getenv("HULL_GUEST_IMAGE");
    assertThat(image).as("HULL_GUEST_IMAGE must name a guest image's folder").isNotNull();
    MachineConfig config =
        new MachineConfig(
            folder.resolve("machines"),
            GuestImage.read(Path.of(image)),
            Templates.NONE,
            new MachineSize(2, 1024),
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
            new FolderWatcher(),
            new Admission(Admission.FreeMemory.ofHost(), name -> 0, 64, 0),
            ScratchDisk.ownedBy(LibvirtConfig.DEFAULT_USER)::make,
            new DeviceNode(LibvirtConfig.DEFAULT_USER)::make,
            new MemoryFiles(MemoryFiles.SHARED_MEMORY, LibvirtConfig.DEFAULT_USER),
            Clock.systemUTC(),
            random);
    return new MachineRuntime(config, host, JournalListener.NONE);
  }

  private LibvirtHypervisor hypervisor() {
    return LibvirtHypervisor.open(LibvirtConfig.embedded(LibvirtTestRoot.path()));
  }

  private Set<String> left(MachineSpec spec) throws Exception {
    String name = spec.id().shortForm();
    Stream<String> links = Stream.of(names("/sys/class/net")).filter(n -> n.contains(name));
    Stream<String> namespaces = Stream.of(names("/run/netns")).filter(n -> n.contains(name));
    String under = folder.toRealPath().toString();
    Stream<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .filter(line -> line.contains(under));
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
  void aMachineGrowsWhileItRunsAndItsGuestTakesItIntoUse() throws Exception {
    try (LibvirtHypervisor hypervisor = hypervisor();
        MachineRuntime machines = open(hypervisor)) {
      Machine machine = machines.start(spec(), new byte[0]);
      try {
        machine.grow(new MachineSize(2, 300));
        assertThat(machine.size()).isEqualTo(new MachineSize(2, 384));
        machine.grow(new MachineSize(1, 1000));
        assertThat(machine.size()).isEqualTo(new MachineSize(2, 1024));
        assertThatThrownBy(() -> machine.grow(new MachineSize(3, 300)))
            .hasMessageContaining("is the most");
      } finally {
        machine.remove();
      }
    }
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

  /** An image of two layers: a shell, and a file over one of the lower layer. */
  private List<Path> layers() throws Exception {
    Path busybox = Path.of("/usr/bin/busybox");
    assertThat(busybox).as("from the package busybox-static, which ./hull installs").isExecutable();
    assertThat(Path.of("/usr/bin/mkfs.erofs"))
        .as("from the package erofs-utils, which ./hull installs")
        .isExecutable();
    Path lower = folder.resolve("lower");
    Files.createDirectories(lower.resolve("bin"));
    Files.copy(busybox, lower.resolve("bin/sh"));
    Files.writeString(lower.resolve("greeting"), "lower");
    Path upper = Files.createDirectories(folder.resolve("upper"));
    Files.writeString(upper.resolve("greeting"), "upper");
    return List.of(layer(lower), layer(upper));
  }

  private static Path layer(Path tree) throws Exception {
    Path image = tree.resolveSibling(tree.getFileName() + ".erofs");
    Process made =
        new ProcessBuilder("mkfs.erofs", "--all-root", image.toString(), tree.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(made.waitFor()).isZero();
    return image;
  }

  private static ContainerSpec shell(char id, List<Path> layers, Path volume, String script) {
    return new ContainerSpec(
        String.valueOf(id).repeat(64),
        layers,
        false,
        new ContainerSpec.Program(
            List.of("/bin/sh", "-c", script),
            List.of("PATH=/bin"),
            "/",
            ContainerSpec.User.OF_THE_IMAGE,
            false,
            false,
            ContainerSpec.Rights.NONE,
            List.of(),
            0),
        List.of(
            new ContainerSpec.Mount(
                new ContainerSpec.Mount.Source.HostPath(volume),
                "/volume",
                ContainerSpec.Mount.Access.READ_WRITE,
                false)),
        ContainerSpec.Resources.UNLIMITED,
        false,
        new ContainerSpec.PidNamespace.Own(),
        List.of(),
        List.of(),
        List.of());
  }

  private static String read(GuestContainer.Output output) {
    StringBuilder text = new StringBuilder();
    try (output) {
      for (GuestContainer.Output.Chunk chunk = output.next();
          chunk != null;
          chunk = output.next()) {
        text.append(chunk.stderr() ? "2:" : "1:");
        text.append(StandardCharsets.UTF_8.decode(chunk.data()));
      }
    }
    return text.toString();
  }

  @Test
  void containersRunOnTheirLayersAndEndWithTheirMachineWhenVirtiofsdIsKilled() throws Exception {
    MachineSpec spec = spec();
    List<Path> layers = layers();
    Path volume = Files.createDirectory(folder.resolve("volume"));
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    try (LibvirtHypervisor hypervisor = hypervisor();
        MachineRuntime machines = open(hypervisor)) {
      machines.onEvent(events::add);
      Machine machine = machines.start(spec, new byte[0]);
      try {
        GuestContainer first =
            machine.createContainer(
                shell('a', layers, volume, "cat /greeting; echo x > /volume/file; exit 3"),
                new byte[0]);
        first.start();
        assertThat(first.await(SOON).exitCode()).isEqualTo(3);
        assertThat(read(first.output(0))).isEqualTo("1:upper");
        assertThat(volume.resolve("file")).hasContent("x");
        GuestContainer second =
            machine.createContainer(
                shell('b', layers, volume, "while true; do sleep 1; done"), new byte[0]);
        second.start();
        try (GuestContainer.Exec exec =
            second.exec(
                new GuestContainer.Command(
                    List.of("/bin/sh", "-c", "echo $((6 * 7)) >&2; exit 9"), false, false))) {
          assertThat(exec.await(SOON)).isEqualTo(9);
          assertThat(read(exec.output())).isEqualTo("2:42\n");
        }
        first.remove();
        events.clear();
        hypervisor.processes(DomainName.of(spec.id())).stream()
            .filter(process -> process.role() == DomainProcess.Role.VIRTIOFSD)
            .forEach(process -> ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly());
        assertThat(events.poll(2, TimeUnit.SECONDS))
            .isInstanceOf(MachineEvent.MachineStopped.class);
        assertThat(second.await(Duration.ZERO).exitCode()).isEqualTo(137);
        assertThat(second.await(Duration.ZERO).message()).contains("virtiofsd");
      } finally {
        machine.remove();
      }
    }
    assertThat(left(spec)).isEmpty();
    assertThat(volume.resolve("file")).hasContent("x");
  }
}
