package dev.hull.vm.machine;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.hull.vm.Machines;
import dev.hull.vm.acceleration.AccelerationProbe;
import dev.hull.vm.acceleration.DomainTrial;
import dev.hull.vm.capacity.Admission;
import dev.hull.vm.capacity.ResidentMemory;
import dev.hull.vm.disk.ScratchDisk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.libvirt.LibvirtConfig;
import dev.hull.vm.libvirt.LibvirtHypervisor;
import dev.hull.vm.network.CniNetwork;
import dev.hull.vm.network.Network;
import dev.hull.vm.share.LinuxMounts;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;

/**
 * Machines on this host. Everything is below {@code root}: machines, libvirt's files, addresses.
 * Close {@link Machines} first, then {@link Hypervisor}.
 */
public final class MachineModule extends AbstractModule {
  /** What the boot probe found holds for all roots, until the host is rebooted. */
  private static final Path ACCELERATION = Path.of("/run/hull/acceleration");

  private final Path root;
  private final Path guestImage;
  private final String qemuUser;
  private final JournalListener listener;

  /**
   * Binds for one root.
   *
   * @param root absolute; QEMU's user must get through
   * @param guestImage a folder made by images/guest, readable by QEMU's user
   * @param qemuUser usually {@link LibvirtConfig#DEFAULT_USER}
   * @param listener usually {@link JournalListener#NONE}
   */
  public MachineModule(Path root, Path guestImage, String qemuUser, JournalListener listener) {
    this.root = root;
    this.guestImage = guestImage;
    this.qemuUser = qemuUser;
    this.listener = listener;
  }

  @Provides
  @Singleton
  LibvirtConfig libvirtConfig() {
    LibvirtConfig usual = LibvirtConfig.defaults(root.resolve("libvirt"));
    return new LibvirtConfig(
        usual.root(), usual.emulator(), usual.virtiofsd(), qemuUser, usual.pinned());
  }

  @Provides
  @Singleton
  Hypervisor hypervisor(LibvirtConfig config) {
    return LibvirtHypervisor.open(config);
  }

  @Provides
  @Singleton
  Network network() {
    return new CniNetwork(
        CniNetwork.CONFIGURATIONS, CniNetwork.PLUGINS, root.resolve("network"), qemuUser);
  }

  @Provides
  @Singleton
  GuestImage image() {
    return GuestImage.read(guestImage);
  }

  @Provides
  @Singleton
  AccelerationProbe acceleration(LibvirtConfig config, Hypervisor hypervisor, GuestImage image) {
    Path kernel = image.boot().kernel();
    return new AccelerationProbe(
        AccelerationProbe.Host.current(kernel, config.emulator()),
        ACCELERATION,
        new DomainTrial(hypervisor, root.resolve("trials"), kernel, new SecureRandom()));
  }

  @Provides
  @Singleton
  Admission admission(Hypervisor hypervisor) {
    return new Admission(
        Admission.FreeMemory.ofHost(),
        name -> residentMib(hypervisor, new DomainName(name)),
        Admission.DEFAULT_RESERVE_MIB);
  }

  private static long residentMib(Hypervisor hypervisor, DomainName name) {
    if (hypervisor.state(name).isEmpty()) {
      return 0;
    }
    List<DomainProcess> processes = hypervisor.processes(name);
    return processes.stream()
        .filter(process -> process.role() == DomainProcess.Role.QEMU)
        .mapToLong(process -> ResidentMemory.ofProcessMib(process.pid()))
        .sum();
  }

  @Provides
  @Singleton
  Machines machines(
      Hypervisor hypervisor,
      Network network,
      GuestImage image,
      AccelerationProbe probe,
      Admission admission) {
    MachineConfig config =
        new MachineConfig(
            root.resolve("machines"),
            image,
            () -> probe.verdict().acceleration(),
            MachineConfig.DEFAULT_BOOT_DEADLINE);
    MachineHost host =
        new MachineHost(
            hypervisor,
            network,
            new LinuxMounts(),
            admission,
            ScratchDisk.ownedBy(qemuUser)::make,
            Clock.systemUTC(),
            new SecureRandom());
    return new MachineRuntime(config, host, listener);
  }
}
