package dev.hull.vm.machine;

import com.google.inject.AbstractModule;
import com.google.inject.Provider;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.hull.vm.MachineException;
import dev.hull.vm.Machines;
import dev.hull.vm.acceleration.AccelerationProbe;
import dev.hull.vm.acceleration.DomainTrial;
import dev.hull.vm.capacity.Admission;
import dev.hull.vm.capacity.HostSize;
import dev.hull.vm.capacity.ResidentMemory;
import dev.hull.vm.disk.DeviceNode;
import dev.hull.vm.disk.ScratchDisk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.libvirt.LibvirtConfig;
import dev.hull.vm.libvirt.LibvirtHypervisor;
import dev.hull.vm.libvirt.LibvirtUri;
import dev.hull.vm.network.CniNetwork;
import dev.hull.vm.network.Network;
import dev.hull.vm.replica.FolderWatcher;
import dev.hull.vm.share.LinuxMounts;
import dev.hull.vm.template.MemoryFiles;
import dev.hull.vm.template.StoredTemplates;
import dev.hull.vm.template.Templates;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * The machines of this host: libvirt's driver, CNI plugins, and everything under one root.
 *
 * <p>Closing {@link Machines} closes the {@link Hypervisor} after them.
 */
public final class MachineModule extends AbstractModule {
  /** Where templates are that all daemons of the host share. */
  public static final Path TEMPLATES = Path.of("/var/cache/hull/templates");

  /**
   * So much of the host's memory, one part of this many, machines may have beyond what was asked
   * for, that they may be copies of a larger template. The rest is there for what is asked for.
   */
  private static final int LENT_SHARE = 4;

  private final Path root;
  private final Path guestImage;
  private final Optional<LibvirtUri> libvirtd;
  private final boolean templates;
  private final JournalListener listener;

  /**
   * @param root absolute; QEMU's user must get through to it
   * @param guestImage the folder that images/guest made
   * @param libvirtd whose driver the machines are of; empty for one inside this process
   * @param templates whether machines are copies of templates where there are any
   * @param listener is told of every record that has become durable
   */
  public MachineModule(
      Path root,
      Path guestImage,
      Optional<LibvirtUri> libvirtd,
      boolean templates,
      JournalListener listener) {
    this.root = root;
    this.guestImage = guestImage;
    this.libvirtd = libvirtd;
    this.templates = templates;
    this.listener = listener;
  }

  @Provides
  @Singleton
  LibvirtConfig libvirt() {
    return LibvirtConfig.of(root.resolve("libvirt"), libvirtd);
  }

  @Provides
  @Singleton
  Hypervisor hypervisor(LibvirtConfig libvirt) {
    return LibvirtHypervisor.open(libvirt);
  }

  @Provides
  @Singleton
  Network network(LibvirtConfig libvirt) {
    return new CniNetwork(
        CniNetwork.CONFIGURATIONS, CniNetwork.PLUGINS, root.resolve("network"), libvirt.user());
  }

  @Provides
  @Singleton
  GuestImage image() {
    return GuestImage.read(guestImage);
  }

  @Provides
  @Singleton
  AccelerationProbe acceleration(LibvirtConfig libvirt, GuestImage image, Hypervisor hypervisor) {
    Path kernel = image.boot().kernel();
    DomainTrial trial = new DomainTrial(hypervisor, root, kernel, new SecureRandom());
    trial.releaseLeftovers();
    return new AccelerationProbe(
        AccelerationProbe.Host.current(kernel, libvirt.emulator()), HostAcceleration.ANSWER, trial);
  }

  @Provides
  @Singleton
  MemoryFiles memory(LibvirtConfig libvirt) {
    return new MemoryFiles(MemoryFiles.SHARED_MEMORY, libvirt.user());
  }

  @Provides
  @Singleton
  StoredTemplates storedTemplates(
      Hypervisor hypervisor, GuestImage image, MemoryFiles memory, AccelerationProbe acceleration) {
    return new StoredTemplates(
        TEMPLATES,
        root,
        new StoredTemplates.Source(
            image.boot(),
            image.root(),
            image.version(),
            () -> acceleration.verdict().acceleration(),
            HostSize.current()),
        hypervisor,
        memory,
        MachineConfig.DEFAULT_BOOT_DEADLINE,
        new SecureRandom(),
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("template-", 0).factory()));
  }

  @Provides
  @Singleton
  Templates templates(Provider<StoredTemplates> stored) {
    return templates ? stored.get() : Templates.NONE;
  }

  @Provides
  @Singleton
  Admission admission(Hypervisor hypervisor) {
    return new Admission(
        Admission.FreeMemory.ofHost(),
        name -> residentMib(hypervisor, new DomainName(name)),
        Admission.DEFAULT_RESERVE_MIB,
        HostSize.current().memoryMib() / LENT_SHARE);
  }

  /** Nothing yet of a machine that has been admitted and whose domain is still to be started. */
  private static long residentMib(Hypervisor hypervisor, DomainName name) {
    try {
      return hypervisor.processes(name).stream()
          .filter(process -> process.role() == DomainProcess.Role.QEMU)
          .mapToLong(process -> ResidentMemory.ofProcessMib(process.pid()))
          .sum();
    } catch (MachineException e) {
      if (e.kind() == MachineException.Kind.NOT_FOUND) {
        return 0;
      }
      throw e;
    }
  }

  @Provides
  @Singleton
  Machines machines(
      Hypervisor hypervisor,
      Network network,
      Admission admission,
      LibvirtConfig libvirt,
      GuestImage image,
      Templates templates,
      MemoryFiles memory,
      AccelerationProbe acceleration) {
    return new OwningMachines(
        new MachineRuntime(
            new MachineConfig(
                root.resolve("machines"),
                image,
                templates,
                HostSize.current(),
                () -> acceleration.verdict().acceleration(),
                MachineConfig.DEFAULT_BOOT_DEADLINE),
            new MachineHost(
                hypervisor,
                network,
                new LinuxMounts(),
                new FolderWatcher(),
                admission,
                ScratchDisk.ownedBy(libvirt.user())::make,
                new DeviceNode(libvirt.user())::make,
                memory,
                Clock.systemUTC(),
                new SecureRandom()),
            listener),
        hypervisor);
  }
}
