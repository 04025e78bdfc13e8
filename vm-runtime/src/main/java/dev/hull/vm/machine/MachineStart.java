package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.guest.GuestIdentity;
import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import dev.hull.vm.network.NetworkLease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * One start of a machine, step by step. Each acquisition is in the journal before it is made; what
 * undoes them is {@link Release}, by the journal.
 */
final class MachineStart {
  /** Of a copy that runs already. */
  static final Duration AGENT_ANSWERS = Duration.ofSeconds(20);

  private static final int ENTROPY_BYTES = 64;
  private static final int LAST_LINES = 20;

  private final MachineHost host;
  private final MachineConfig config;
  private final MachineJournal journal;
  private final MachineFolder folder;
  private final MachineSpec spec;
  private final DomainName name;
  private final Groundwork groundwork;
  private final Steps steps;
  private boolean networksFault;

  MachineStart(MachineHost host, MachineConfig config, MachineJournal journal, Steps steps) {
    this.host = host;
    this.config = config;
    this.journal = journal;
    this.folder = new MachineFolder(journal.folder());
    this.spec = journal.history().spec();
    this.name = DomainName.of(spec.id());
    this.groundwork = new Groundwork(host, config, journal, steps);
    this.steps = steps;
  }

  static byte[] entropy(RandomGenerator random) {
    byte[] entropy = new byte[ENTROPY_BYTES];
    random.nextBytes(entropy);
    return entropy;
  }

  /** Returns when the guest is as the specification says. On failure the journal tells what is. */
  void run(GuestAgent agent) {
    String network = planNetwork();
    groundwork.plan();
    CompletableFuture<NetworkLease> lease =
        steps.begin("network", () -> host.network().acquire(spec, network));
    CompletableFuture<Optional<MachineGrowth>> copied = groundwork.begin();
    Steps.awaitAll(lease, copied);
    NetworkLease acquired = Steps.await(lease);
    journal.append(new JournalRecord.NetworkAcquired(acquired));
    Optional<MachineGrowth> copy =
        Steps.await(copied).filter(growth -> resume(agent, acquired, growth));
    if (copy.isPresent()) {
      copy.get().record(journal);
      // A tap that has been moved into the pod's namespace is lost to a second try.
      CompletableFuture<?> connected = connect(acquired);
      try {
        steps.take("configured", () -> configure(agent, acquired));
      } finally {
        Steps.await(connected);
      }
    } else {
      boot(agent, acquired);
      steps.take("configured", () -> configure(agent, acquired));
    }
    journal.append(new JournalRecord.Started(host.clock().instant()));
  }

  /**
   * The rest of a start, from where {@link SpareStart} left it and the journal says for which pod.
   * On failure the journal tells what is; the guest is of no use then.
   *
   * @param sizes how far the spare machine grows
   */
  void runSpare(GuestAgent agent, SizeRange sizes) {
    MachineGrowth growth = new MachineGrowth(host, name, sizes, spec.size());
    growth.record(journal);
    String network = planNetwork();
    // Parameters may be of the interface, which comes later, as may the name servers.
    boolean early = !spec.dns().equals(MachineSpec.Dns.NONE) && spec.sysctls().isEmpty();
    CompletableFuture<NetworkLease> lease =
        steps.begin("network", () -> host.network().acquire(spec, network));
    CompletableFuture<?> identity =
        steps.begin(
            () -> {
              if (growth.isNeeded()) {
                steps.take("plug", growth::plug);
              }
              steps.take("resume", () -> host.hypervisor().resume(name));
              if (growth.isNeeded()) {
                steps.take("grown", () -> growth.takeUp(agent));
              }
              if (early) {
                steps.take("identity", () -> identify(agent, spec.dns(), AGENT_ANSWERS));
              }
              return true;
            });
    NetworkLease acquired = awaitBoth(lease, identity);
    journal.append(new JournalRecord.NetworkAcquired(acquired));
    steps.take("attach", () -> host.hypervisor().attachNetwork(name, Groundwork.card(acquired)));
    CompletableFuture<?> connected = connect(acquired);
    try {
      steps.take(
          "configured",
          () -> {
            if (early) {
              agent.configureInterface(acquired);
            } else {
              configure(agent, acquired);
            }
          });
    } finally {
      Steps.await(connected);
    }
    journal.append(new JournalRecord.Started(host.clock().instant()));
  }

  /** Whether the start failed for its network, as a start of another machine would, too. */
  boolean isNetworksFault() {
    return networksFault;
  }

  private NetworkLease awaitBoth(
      CompletableFuture<NetworkLease> lease, CompletableFuture<?> identity) {
    try {
      Steps.awaitAll(lease, identity);
      return Steps.await(lease);
    } catch (MachineException e) {
      networksFault = lease.isCompletedExceptionally();
      throw e;
    }
  }

  private String planNetwork() {
    String network = host.network().configuration(spec);
    journal.append(new JournalRecord.NetworkPlanned(network));
    return network;
  }

  private CompletableFuture<?> connect(NetworkLease lease) {
    return steps.begin("connect", () -> host.network().connect(spec, lease));
  }

  /** Gives the copy what is its own and lets it run; false if that cannot be, and it is to boot. */
  private boolean resume(GuestAgent agent, NetworkLease lease, MachineGrowth growth) {
    CompletableFuture<?> attached = CompletableFuture.completedFuture(true);
    try {
      steps.take("resume", () -> host.hypervisor().resume(name));
      // The agent finds its way to the host meanwhile.
      attached =
          steps.begin(
              "attach",
              () -> {
                groundwork.attach();
                host.hypervisor().attachNetwork(name, Groundwork.card(lease));
              });
      steps.take("agent", () -> agent.awaitResume(AGENT_ANSWERS));
      if (growth.isNeeded()) {
        steps.take("grown", () -> growth.takeUp(agent));
      }
      Steps.await(attached);
      return true;
    } catch (MachineException e) {
      attached.handle((done, failed) -> true).join();
      groundwork.bootsInstead(e);
      host.hypervisor().destroy(name);
      return false;
    }
  }

  private void boot(GuestAgent agent, NetworkLease lease) {
    steps.take("domain", () -> host.hypervisor().start(groundwork.booting(lease)));
    Duration running = steps.timeline().now();
    CompletableFuture<?> connected = connect(lease);
    try {
      steps.take("boot", () -> agent.awaitBoot(config.bootDeadline()));
    } catch (MachineException e) {
      Steps.await(connected);
      throw notUp(e);
    }
    steps.timeline().addBoot(running, agent.describe());
    Steps.await(connected);
  }

  private void configure(GuestAgent agent, NetworkLease lease) {
    MachineSpec.Dns dns = spec.dns().equals(MachineSpec.Dns.NONE) ? lease.dns() : spec.dns();
    if (spec.users().isPresent()) {
      // The network is to be theirs.
      identify(agent, dns, GuestAgent.LONG);
      agent.configureInterface(lease);
      return;
    }
    // The guest has CPUs for both at once.
    CompletableFuture<?> network =
        steps.begin(
            () -> {
              agent.configureInterface(lease);
              return true;
            });
    try {
      identify(agent, dns, GuestAgent.LONG);
    } finally {
      Steps.await(network);
    }
  }

  private void identify(GuestAgent agent, MachineSpec.Dns dns, Duration deadline) {
    agent.configure(
        new GuestIdentity(
            spec.podUid(),
            spec.hostname(),
            host.clock().instant(),
            ByteString.copyFrom(entropy(host.random())),
            dns,
            spec.sysctls(),
            spec.users(),
            Optional.of(Disk.SCRATCH_UNIT),
            DomainSpec.SHARE_TAG,
            false),
        deadline);
  }

  /** Ends the domain first, for then its console has been written to the end. */
  private MachineException notUp(MachineException e) {
    host.hypervisor().destroy(name);
    List<String> console = ConsoleLog.tail(folder.console().log(), LAST_LINES);
    String lines =
        console.isEmpty()
            ? "it wrote nothing to its console"
            : "its last console lines were:\n  " + String.join("\n  ", console);
    return new MachineException(
        e.kind() == Kind.HOSTILE_GUEST ? e.kind() : Kind.UNAVAILABLE,
        "cannot start machine %s of pod %s: its guest did not come up (%d s is the most): %s; %s"
            .formatted(
                spec.id().shortForm(),
                spec.podName(),
                config.bootDeadline().toSeconds(),
                e.getMessage(),
                lines),
        e);
  }
}
