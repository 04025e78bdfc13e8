package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.Machine.TimelineStep;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.guest.GuestIdentity;
import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import dev.hull.vm.network.NetworkLease;
import dev.hull.vm.share.Share;
import dev.hull.vm.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One start of a machine, step by step. Each acquisition is in the journal before it is made; what
 * undoes them is {@link Release}, by the journal.
 */
final class MachineStart {
  private static final Logger log = LoggerFactory.getLogger(MachineStart.class);

  /** Of a copy that runs already. */
  private static final Duration AGENT_ANSWERS = Duration.ofSeconds(20);

  private static final int ENTROPY_BYTES = 64;
  private static final int LAST_LINES = 20;

  private final MachineHost host;
  private final MachineConfig config;
  private final MachineJournal journal;
  private final MachineFolder folder;
  private final MachineSpec spec;
  private final Executor threads;
  private final Timeline timeline;

  MachineStart(
      MachineHost host,
      MachineConfig config,
      MachineJournal journal,
      Executor threads,
      Timeline timeline) {
    this.host = host;
    this.config = config;
    this.journal = journal;
    this.folder = new MachineFolder(journal.folder());
    this.spec = journal.history().spec();
    this.threads = threads;
    this.timeline = timeline;
  }

  List<TimelineStep> timeline() {
    return timeline.steps();
  }

  /** Returns when the guest is as the specification says. On failure the journal tells what is. */
  void run(GuestAgent agent) {
    folder.letThrough();
    String network = host.network().configuration();
    journal.append(new JournalRecord.NetworkPlanned(network));
    journal.append(new JournalRecord.ScratchPlanned());
    journal.append(new JournalRecord.SharePlanned());
    journal.append(new JournalRecord.DomainPlanned());
    CompletableFuture<NetworkLease> lease =
        async(() -> timeline.step("network", () -> host.network().acquire(spec, network)));
    CompletableFuture<?> scratch =
        step("scratch", () -> host.scratch().make(folder.scratch(), spec.scratchBytes()));
    CompletableFuture<?> share =
        step("share", () -> new Share(folder.share(), host.mounts()).create());
    CompletableFuture<Boolean> copy = async(this::restore);
    // All are waited for, whatever happens to one: what is to be undone must not be still growing.
    await(CompletableFuture.allOf(lease, scratch, share, copy));
    journal.append(new JournalRecord.NetworkAcquired(await(lease)));
    boolean copied = await(copy) && resume(agent, await(lease));
    // A tap that has been moved into the pod's namespace is lost to a second try.
    CompletableFuture<?> connected =
        copied
            ? step("connect", () -> host.network().connect(spec, await(lease)))
            : CompletableFuture.completedFuture(true);
    if (!copied) {
      boot(agent, await(lease));
    }
    try {
      timeline.step("configured", () -> configure(agent, await(lease)));
    } finally {
      await(connected);
    }
    journal.append(new JournalRecord.Started(host.clock().instant()));
  }

  /** Makes the domain a copy of a template, which stands still; false if it is to boot. */
  private boolean restore() {
    try {
      return config.templates().find(spec.size()).map(this::restore).orElse(false);
    } catch (MachineException e) {
      bootsInstead(e);
      return false;
    }
  }

  private boolean restore(Template template) {
    DomainName name = DomainName.of(spec.id());
    try {
      Path memory = host.memory().create(name, spec.size().memoryMib());
      timeline.step("memory", () -> template.pourInto(memory));
      DomainSpec copy =
          domain(Optional.of(memory), Optional.empty(), Optional.empty(), Optional.empty());
      timeline.step("restore", () -> host.hypervisor().restore(copy, template.state()));
      // QEMU has it open.
      host.memory().delete(name);
      return true;
    } catch (MachineException e) {
      host.memory().delete(name);
      switch (e.kind()) {
        case INTERNAL, INVALID ->
            config.templates().spoiled(template, String.valueOf(e.getMessage()));
        default -> bootsInstead(e);
      }
      return false;
    }
  }

  /** Gives the copy what is its own and lets it run; false if that cannot be, and it is to boot. */
  private boolean resume(GuestAgent agent, NetworkLease lease) {
    DomainName name = DomainName.of(spec.id());
    try {
      timeline.step("attach", () -> attach(name, lease));
      timeline.step("resume", () -> host.hypervisor().resume(name));
      timeline.step("agent", () -> agent.reconnect(AGENT_ANSWERS));
      return true;
    } catch (MachineException e) {
      bootsInstead(e);
      host.hypervisor().destroy(name);
      return false;
    }
  }

  private void bootsInstead(MachineException e) {
    log.warn(
        "a machine cannot be a copy of a template, so it boots machine={}",
        spec.id().shortForm(),
        e);
  }

  private void attach(DomainName name, NetworkLease lease) {
    host.hypervisor().attachDisk(name, Disk.writable(Disk.SCRATCH_UNIT, folder.scratch()));
    host.hypervisor().attachShare(name, folder.share());
    host.hypervisor().attachNetwork(name, card(lease));
  }

  private void boot(GuestAgent agent, NetworkLease lease) {
    DomainSpec domain =
        domain(
            Optional.empty(),
            Optional.of(folder.scratch()),
            Optional.of(folder.share()),
            Optional.of(card(lease)));
    timeline.step("domain", () -> host.hypervisor().start(domain));
    Duration running = timeline.now();
    CompletableFuture<?> connected = step("connect", () -> host.network().connect(spec, lease));
    try {
      timeline.step("boot", () -> agent.awaitBoot(config.bootDeadline()));
    } catch (MachineException e) {
      await(connected);
      throw notUp(e);
    }
    timeline.addBoot(running, agent.describe());
    await(connected);
  }

  private CompletableFuture<?> step(String name, Runnable work) {
    return async(
        () -> {
          timeline.step(name, work);
          return true;
        });
  }

  private <T> CompletableFuture<T> async(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, threads);
  }

  private static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case MachineException failure -> throw failure;
        case Error error -> throw error;
        case null, default ->
            throw new MachineException(Kind.INTERNAL, "a step of a start failed: " + e, e);
      }
    }
  }

  private DomainSpec domain(
      Optional<Path> memory,
      Optional<Path> scratch,
      Optional<Path> share,
      Optional<DomainSpec.NetworkCard> card) {
    return new DomainSpec(
        spec.id(),
        spec.size(),
        config.acceleration().get(),
        config.image().boot(),
        memory,
        config.image().root(),
        scratch,
        folder.agentSocket(),
        folder.console(),
        share,
        card);
  }

  private static DomainSpec.NetworkCard card(NetworkLease lease) {
    return new DomainSpec.NetworkCard(lease.tap(), lease.mac(), lease.mtu());
  }

  /** The guest has CPUs for both at once. */
  private void configure(GuestAgent agent, NetworkLease lease) {
    CompletableFuture<?> network =
        async(
            () -> {
              agent.configureInterface(lease);
              return true;
            });
    try {
      identify(agent, lease);
    } finally {
      await(network);
    }
  }

  private void identify(GuestAgent agent, NetworkLease lease) {
    byte[] entropy = new byte[ENTROPY_BYTES];
    host.random().nextBytes(entropy);
    agent.configure(
        new GuestIdentity(
            spec.podUid(),
            spec.hostname(),
            host.clock().instant(),
            ByteString.copyFrom(entropy),
            spec.dns().equals(MachineSpec.Dns.NONE) ? lease.dns() : spec.dns(),
            spec.sysctls(),
            Optional.of(Disk.SCRATCH_UNIT),
            DomainSpec.SHARE_TAG,
            false));
  }

  /** Ends the domain first, for then its console has been written to the end. */
  private MachineException notUp(MachineException e) {
    host.hypervisor().destroy(DomainName.of(spec.id()));
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
