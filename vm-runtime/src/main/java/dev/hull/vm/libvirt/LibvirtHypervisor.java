package dev.hull.vm.libvirt;

import com.google.common.util.concurrent.Striped;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.DomainState;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.hypervisor.SizeRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.libvirt.Domain;
import org.libvirt.DomainInfo;

/**
 * Domains of libvirt's QEMU driver, inside this process or in a libvirtd.
 *
 * <p>Opening it makes this process a child subreaper for as long as it lives, see {@link
 * ProcessWatch}. One process at a time can use a root folder, and a process only one root.
 */
public final class LibvirtHypervisor implements Hypervisor {
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final Duration PLUG_DEADLINE = Duration.ofSeconds(20);
  private static final Duration UNPLUG_DEADLINE = Duration.ofSeconds(10);
  private static final int LIVE = Domain.ModificationImpact.LIVE;

  private final LibvirtConfig config;
  private final DriverFolder folder;
  private final DomainXml xml;
  private final ProcessWatch processes;
  private final NativeCalls calls;
  private final Driver driver;
  private final Attendance attendance;
  private final Striped<Lock> locks = Striped.lazyWeakLock(1024);
  private volatile boolean closed;

  private LibvirtHypervisor(
      LibvirtConfig config,
      DriverFolder folder,
      ProcessWatch processes,
      NativeCalls calls,
      Driver driver,
      Attendance attendance) {
    this.config = config;
    this.folder = folder;
    this.xml =
        new DomainXml(
            config.root(),
            config.emulator(),
            config.virtiofsd(),
            config.user(),
            driver.confinements());
    this.processes = processes;
    this.calls = calls;
    this.driver = driver;
    this.attendance = attendance;
  }

  /**
   * Opens the driver and takes up the domains that it finds; seconds for the first time on a host,
   * then tenths of a second. UNAVAILABLE if a program is missing, with what to install.
   */
  public static LibvirtHypervisor open(LibvirtConfig config) {
    requireProgram(config.emulator(), "qemu-system-x86");
    requireProgram(config.virtiofsd(), "qemu-system-common");
    LibC libc = LibC.load();
    DriverFolder folder = new DriverFolder(config);
    folder.prepare();
    ProcessWatch processes = new ProcessWatch(libc);
    NativeCalls calls = new NativeCalls(processes, new Affinity(libc, config.pinned()));
    Attendance attendance = new Attendance(folder, processes);
    Driver driver;
    try {
      driver =
          Driver.open(
              config, libc, folder, calls, attendance::stopped, attendance::tellWhatWasMissed);
    } catch (MachineException e) {
      attendance.close();
      calls.close();
      processes.close();
      throw e;
    }
    LibvirtHypervisor hypervisor =
        new LibvirtHypervisor(config, folder, processes, calls, driver, attendance);
    attendance.begin(hypervisor::destroy);
    folder.recordedDomains().forEach(hypervisor::adopt);
    return hypervisor;
  }

  private static void requireProgram(Path program, String debianPackage) {
    if (!Files.isExecutable(program)) {
      throw new MachineException(
          Kind.UNAVAILABLE, "cannot find " + program + "; install " + debianPackage);
    }
  }

  /** Right after it opens, the driver is still finding its machines, and denies them meanwhile. */
  private void adopt(DomainName name) {
    Deadline deadline = new Deadline(DomainEnd.DEADLINE);
    while (!folder.processes(name).isEmpty() && !deadline.isOver()) {
      // Memory statistics are only to be had when the driver is through with the domain.
      try {
        if (driver.find(name, "adopt domain", domain -> domain.memoryStats(1)).isPresent()) {
          DomainDescription found = driver.describe(name);
          attendance.take(name, found.console());
          if (found.hasShare()) {
            attendance.takeShare(name);
          }
          return;
        }
      } catch (MachineException e) {
        attendance.log().debug("domain {} is not there yet", name, e);
      }
      deadline.pause();
    }
    if (!folder.processes(name).isEmpty()) {
      attendance.log().warn("domain {} could not be adopted; destroy it", name);
    }
  }

  @Override
  public void start(DomainSpec spec) {
    create(spec, xml.domain(spec), () -> run(spec.name()));
  }

  @Override
  public void restore(DomainSpec spec, Path state, Runnable filled) {
    create(
        spec,
        xml.incoming(spec),
        () -> {
          filled.run();
          transfer(spec.name(), spec.console()).restore(state);
        });
  }

  @Override
  public void resume(DomainName name) {
    Lock lock = lock(name);
    try {
      run(name);
    } finally {
      lock.unlock();
    }
  }

  private void run(DomainName name) {
    driver.require(
        name,
        "start domain",
        START_DEADLINE,
        domain -> {
          domain.resume();
          return true;
        });
  }

  @Override
  public void pause(DomainName name) {
    Lock lock = lock(name);
    try {
      suspend(name);
    } finally {
      lock.unlock();
    }
  }

  private void suspend(DomainName name) {
    driver.require(
        name,
        "pause domain",
        START_DEADLINE,
        domain -> {
          domain.suspend();
          return true;
        });
  }

  @Override
  public void save(DomainName name, Path state) {
    Lock lock = lock(name);
    try {
      DomainSpec.Console console =
          driver
              .describe(name)
              .console()
              .orElseThrow(
                  () -> new MachineException(Kind.INVALID, "domain " + name + " is not ours"));
      suspend(name);
      transfer(name, console).save(state);
    } finally {
      lock.unlock();
    }
  }

  /** With its socket beside that of the console. */
  private StateTransfer transfer(DomainName name, DomainSpec.Console console) {
    return new StateTransfer(
        new Monitor(driver, name), name, config.user(), console.socket().resolveSibling("state"));
  }

  @Override
  public String kinship(DomainSpec spec) {
    return Kinship.of(
        config.emulator(), driver.libvirtVersion(), spec.acceleration(), xml.shape(spec));
  }

  @Override
  public void squeeze(DomainName name, int memoryMib) {
    new Balloon(new Monitor(driver, name)).squeeze(memoryMib);
  }

  @Override
  public MachineSize grow(DomainName name, MachineSize wanted) {
    Lock lock = lock(name);
    try {
      return new Growth(driver, name).grow(sizes(name), wanted);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SizeRange sizes(DomainName name) {
    // One that an older release has started does not grow.
    return driver
        .describe(name)
        .sizes()
        .orElseGet(() -> SizeRange.only(new Growth(driver, name).size()));
  }

  @Override
  public void attachShare(DomainName name, Path share) {
    if (!folder.hasCgroup(name)) {
      throw new MachineException(
          Kind.UNAVAILABLE,
          "cannot attach the share to %s: libvirt has made no cgroup for it; mount cgroups on this host"
              .formatted(name));
    }
    attach(name, "attach the share to", xml.share(share));
    attendance.takeShare(name);
  }

  @Override
  public void attachNetwork(DomainName name, DomainSpec.NetworkCard card) {
    requireTap(name, card.tap());
    attach(name, "attach the network card to", DomainXml.network(card));
  }

  private void attach(DomainName name, String doing, String device) {
    Lock lock = lock(name);
    try {
      driver.require(
          name,
          doing,
          PLUG_DEADLINE,
          domain -> {
            domain.attachDeviceFlags(device, LIVE);
            return true;
          });
    } finally {
      lock.unlock();
    }
  }

  /** Creates a domain whose guest stands still, and does {@code next} with it. */
  private void create(DomainSpec spec, String definition, Runnable next) {
    DomainName name = spec.name();
    Lock lock = lock(name);
    try {
      if (state(name).isPresent()) {
        throw new MachineException(
            Kind.ALREADY_EXISTS, "cannot start domain " + name + ": there is one already");
      }
      spec.network().ifPresent(card -> requireTap(name, card.tap()));
      Files.deleteIfExists(spec.console().log());
      attendance.expect(name);
      folder.forget(name);
      driver.createPaused(name, definition, START_DEADLINE);
      // The guest stands still until its console is read: its first words are not lost.
      attendance.take(name, Optional.of(spec.console()));
      if (spec.share().isPresent()) {
        attendance.takeShare(name);
      }
      next.run();
    } catch (MachineException e) {
      throw undoStart(name, e);
    } catch (IOException | IllegalArgumentException e) {
      throw undoStart(
          name,
          new MachineException(
              e instanceof IOException ? Kind.INTERNAL : Kind.INVALID,
              "cannot start domain " + name + ": " + e.getMessage(),
              e));
    } finally {
      lock.unlock();
    }
  }

  /** libvirt's own words leave out the name. */
  private static void requireTap(DomainName name, String tap) {
    if (!Files.exists(Path.of("/sys/class/net", tap))) {
      throw new MachineException(
          Kind.INVALID,
          "cannot start domain %s: there is no tap device %s in this network namespace"
              .formatted(name, tap));
    }
  }

  private MachineException undoStart(DomainName name, MachineException failure) {
    if (failure.kind() == Kind.ALREADY_EXISTS) {
      return failure;
    }
    MachineException told =
        new MachineException(
            failure.kind(), failure.getMessage() + folder.lastWords(name), failure);
    attendance.drop(name);
    try {
      destroy(name);
    } catch (MachineException e) {
      told.addSuppressed(e);
    }
    return told;
  }

  @Override
  public Optional<DomainState> state(DomainName name) {
    return driver.find(name, "look at domain", Domain::getInfo).flatMap(info -> state(info.state));
  }

  private static Optional<DomainState> state(DomainInfo.DomainState state) {
    return switch (state) {
      case VIR_DOMAIN_RUNNING, VIR_DOMAIN_BLOCKED, VIR_DOMAIN_NOSTATE ->
          Optional.of(DomainState.RUNNING);
      case VIR_DOMAIN_PAUSED, VIR_DOMAIN_CRASHED, VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_PMSUSPENDED ->
          Optional.of(DomainState.PAUSED);
      case VIR_DOMAIN_SHUTOFF -> Optional.empty();
    };
  }

  @Override
  public List<DomainName> list() {
    return driver.names().stream()
        .filter(DomainName::isOurs)
        .map(DomainName::new)
        .sorted()
        .toList();
  }

  @Override
  public void attachDisk(DomainName name, Disk disk) {
    Lock lock = lock(name);
    try {
      if (at(name, disk.unit()).isPresent()) {
        throw new MachineException(
            Kind.ALREADY_EXISTS,
            "cannot attach %s to %s: unit %d is taken".formatted(disk.file(), name, disk.unit()));
      }
      if (!Files.isReadable(disk.file())) {
        throw new MachineException(
            Kind.INVALID, "cannot attach %s to %s: it cannot be read".formatted(disk.file(), name));
      }
      attach(name, "attach %s as unit %d to".formatted(disk.file(), disk.unit()), xml.disk(disk));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void detachDisk(DomainName name, int unit) {
    Lock lock = lock(name);
    try {
      Optional<Disk> disk = at(name, unit);
      if (disk.isEmpty()) {
        return;
      }
      Deadline deadline = new Deadline(UNPLUG_DEADLINE);
      driver.require(
          name,
          "detach unit %d from".formatted(unit),
          PLUG_DEADLINE,
          domain -> {
            domain.detachDeviceFlags(xml.disk(disk.get()), LIVE);
            return true;
          });
      while (at(name, unit).isPresent()) {
        if (deadline.isOver()) {
          throw new MachineException(
              Kind.DEADLINE,
              "cannot detach unit %d from %s: QEMU has not let go of %s after %d s"
                  .formatted(unit, name, disk.get().file(), UNPLUG_DEADLINE.toSeconds()));
        }
        deadline.pause();
      }
    } finally {
      lock.unlock();
    }
  }

  private Optional<Disk> at(DomainName name, int unit) {
    return disks(name).stream().filter(disk -> disk.unit() == unit).findFirst();
  }

  @Override
  public List<Disk> disks(DomainName name) {
    return driver.describe(name).disks();
  }

  @Override
  public List<DomainProcess> processes(DomainName name) {
    List<DomainProcess> found = folder.processes(name);
    if (found.isEmpty() && state(name).isEmpty()) {
      throw new MachineException(Kind.NOT_FOUND, "there is no domain " + name);
    }
    return found;
  }

  @Override
  public void destroy(DomainName name) {
    Lock lock = lock(name);
    try {
      new DomainEnd(driver, folder, processes).bring(name);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStopped(Consumer<DomainStopped> listener) {
    attendance.onStopped(listener);
  }

  private Lock lock(DomainName name) {
    if (closed) {
      throw new MachineException(Kind.UNAVAILABLE, "the hypervisor has been closed");
    }
    Lock lock = locks.get(name);
    lock.lock();
    return lock;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    driver.close();
    calls.close();
    attendance.close();
    processes.close();
  }
}
