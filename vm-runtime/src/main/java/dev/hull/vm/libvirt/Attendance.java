package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.DomainProcess.Role;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.DomainStopped.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.StoppedDetail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the domains that run: reads their consoles, notices when one of their processes dies,
 * and tells of their end.
 */
final class Attendance implements AutoCloseable {
  private static final Duration LOG_ROUND = Duration.ofSeconds(10);
  private static final Duration LAST_OF_A_NAMESAKE = Duration.ofSeconds(2);
  private static final Duration LAST_MOMENTS_OF_QEMU = Duration.ofMillis(500);
  private static final int SIGKILL = 9;
  private static final Logger log = LoggerFactory.getLogger(Attendance.class);

  private final DriverFolder folder;
  private final ProcessWatch processes;
  private final Map<DomainName, LiveDomain> live = new ConcurrentHashMap<>();
  private final List<Consumer<DomainStopped>> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService events =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("hull-domain-events").factory());
  private final OomKills oomKills = new OomKills(Path.of("/proc/vmstat"));
  private final Thread rounds;
  private volatile Consumer<DomainName> destroy = name -> {};

  Attendance(DriverFolder folder, ProcessWatch processes) {
    this.folder = folder;
    this.processes = processes;
    this.rounds = Thread.ofVirtual().name("hull-domain-logs").start(this::boundLogs);
  }

  /** {@code destroy} ends a domain that cannot go on. */
  void begin(Consumer<DomainName> destroy) {
    this.destroy = destroy;
  }

  Logger log() {
    return log;
  }

  void onStopped(Consumer<DomainStopped> listener) {
    listeners.add(listener);
  }

  /**
   * A domain is about to be made; its end is told from now on. Waits until that of another of its
   * name has been told, for libvirt's events know only names.
   */
  void expect(DomainName name) {
    Deadline deadline = new Deadline(LAST_OF_A_NAMESAKE);
    while (live.containsKey(name) && !deadline.isOver()) {
      deadline.pause();
    }
    live.put(name, new LiveDomain());
  }

  /** The start of a domain has failed; its end is not told. */
  void drop(DomainName name) {
    LiveDomain domain = live.remove(name);
    if (domain != null) {
      domain.close();
    }
  }

  /** A domain is there: reads its console and watches its QEMU. */
  void take(DomainName name, Optional<DomainSpec.Console> console) {
    LiveDomain domain = live.computeIfAbsent(name, key -> new LiveDomain());
    if (console.isPresent()) {
      try {
        domain.console(new ConsoleReader(console.get()));
      } catch (IOException e) {
        throw new MachineException(
            Kind.INTERNAL, "cannot read the console of domain " + name + ": " + e.getMessage(), e);
      }
    }
    for (DomainProcess process : processes(name, Role.QEMU)) {
      domain.qemu(process.pid());
      // libvirt notices its end by itself, but not why.
      processes.watch(process.pid(), domain::qemuEnded);
    }
  }

  /** A domain that is there has a share: watches what serves it. */
  void takeShare(DomainName name) {
    LiveDomain domain = live.computeIfAbsent(name, key -> new LiveDomain());
    List<DomainProcess> found = processes(name, Role.VIRTIOFSD);
    for (DomainProcess process : found) {
      processes.watch(process.pid(), _ -> virtiofsdEnded(name, process));
    }
    if (found.isEmpty()) {
      fail(name, domain, "virtiofsd died");
    }
  }

  private List<DomainProcess> processes(DomainName name, Role role) {
    return folder.processes(name).stream().filter(process -> process.role() == role).toList();
  }

  private void virtiofsdEnded(DomainName name, DomainProcess process) {
    LiveDomain domain = live.get(name);
    if (domain != null) {
      Thread.ofVirtual()
          .name("hull-virtiofsd-" + name)
          .start(() -> virtiofsdEnded(name, domain, process.pid()));
    }
  }

  /**
   * In an orderly end QEMU closes its connection to virtiofsd on its way out, so virtiofsd may be
   * gone a moment before it. A QEMU that goes on has a guest that hangs in whatever touches the
   * share.
   */
  private void virtiofsdEnded(DomainName name, LiveDomain domain, long pid) {
    Deadline deadline = new Deadline(LAST_MOMENTS_OF_QEMU);
    while (processes.isRunning(domain.qemu())) {
      if (deadline.isOver()) {
        fail(name, domain, "virtiofsd (pid " + pid + ") died");
        return;
      }
      deadline.pause();
    }
  }

  private void fail(DomainName name, LiveDomain domain, String reason) {
    domain.failure(reason);
    Thread.ofVirtual()
        .name("hull-destroy-" + name)
        .start(
            () -> {
              try {
                destroy.accept(name);
              } catch (MachineException e) {
                log.error("{}: {}, and it cannot be destroyed", name, reason, e);
              }
            });
  }

  /** Called on libvirt's thread. */
  void stopped(String name, DomainEvent event) {
    if (!DomainName.isOurs(name)) {
      return;
    }
    tellSoon(new DomainName(name), event.getDetail());
  }

  private void tellSoon(DomainName name, StoppedDetail detail) {
    try {
      events.execute(() -> tell(name, detail));
    } catch (RejectedExecutionException e) {
      log.debug("{} stopped while the hypervisor was being closed", name, e);
    }
  }

  /** libvirt was away for a while: tells of the domains that have ended since. */
  void tellWhatWasMissed() {
    for (DomainName name : live.keySet()) {
      if (processes(name, Role.QEMU).isEmpty()) {
        tellSoon(name, StoppedDetail.UNKNOWN);
      }
    }
  }

  private void tell(DomainName name, StoppedDetail detail) {
    LiveDomain domain = live.remove(name);
    if (domain == null) {
      return;
    }
    domain.drain();
    domain.close();
    DomainStopped stopped = stopped(name, domain, detail);
    folder.forget(name);
    log.atInfo()
        .addKeyValue("domain", name)
        .addKeyValue("reason", stopped.reason())
        .log("domain stopped: {}", stopped.detail());
    for (Consumer<DomainStopped> listener : listeners) {
      try {
        listener.accept(stopped);
      } catch (RuntimeException e) {
        log.error("a listener could not deal with the end of {}", name, e);
      }
    }
  }

  private DomainStopped stopped(DomainName name, LiveDomain domain, StoppedDetail detail) {
    if (domain.failure().isPresent()) {
      return new DomainStopped(name, Reason.FAILED, domain.failure().get());
    }
    return switch (detail) {
      case SHUTDOWN ->
          new DomainStopped(name, Reason.POWERED_OFF, "the guest powered off or rebooted");
      case DESTROYED -> new DomainStopped(name, Reason.DESTROYED, "destroyed");
      case CRASHED -> new DomainStopped(name, Reason.CRASHED, "the guest's kernel crashed");
      case FAILED, MIGRATED, SAVED, FROM_SNAPSHOT, UNKNOWN ->
          new DomainStopped(name, Reason.FAILED, death(domain) + folder.lastWords(name));
    };
  }

  private String death(LiveDomain domain) {
    String qemu = "QEMU (pid " + domain.qemu() + ")";
    OptionalInt signal = domain.signal();
    if (signal.isEmpty()) {
      return qemu + " died";
    }
    String killed = qemu + " was killed by signal " + signal.getAsInt();
    long lately = oomKills.lately();
    return signal.getAsInt() == SIGKILL && lately > 0
        ? killed
            + ": the host is out of memory, and its kernel has killed %d process(es) for it in these seconds; give it more, or run fewer pods"
                .formatted(lately)
        : killed;
  }

  private void boundLogs() {
    try {
      while (true) {
        Thread.sleep(LOG_ROUND);
        oomKills.look();
        for (DomainName name : live.keySet()) {
          folder.boundLogs(name);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      log.error("the logs of QEMU and virtiofsd are no longer bounded", e);
    }
  }

  @Override
  public void close() {
    rounds.interrupt();
    events.shutdown();
    live.values().forEach(LiveDomain::close);
    live.clear();
  }
}
