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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * One start of a machine, step by step. Each acquisition is in the journal before it is made; what
 * undoes them is {@link Release}, by the journal.
 */
final class MachineStart {
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
    NetworkLease lease = acquire();
    journal.append(new JournalRecord.NetworkAcquired(lease));
    DomainSpec domain = domain(lease);
    journal.append(new JournalRecord.DomainPlanned());
    timeline.step(
        "domain",
        () -> {
          host.hypervisor().start(domain);
        });
    Duration running = timeline.now();
    CompletableFuture<Boolean> connected =
        async(
            () -> {
              timeline.step("connect", () -> host.network().connect(spec, lease));
              return true;
            });
    try {
      timeline.step("boot", () -> agent.awaitBoot(config.bootDeadline()));
    } catch (MachineException e) {
      await(connected);
      throw notUp(e);
    }
    timeline.addBoot(running, agent.describe());
    await(connected);
    timeline.step("configured", () -> configure(agent, lease));
    journal.append(new JournalRecord.Started(host.clock().instant()));
  }

  private NetworkLease acquire() {
    String network = host.network().configuration();
    journal.append(new JournalRecord.NetworkPlanned(network));
    journal.append(new JournalRecord.ScratchPlanned());
    journal.append(new JournalRecord.SharePlanned());
    CompletableFuture<NetworkLease> lease =
        async(() -> timeline.step("network", () -> host.network().acquire(spec, network)));
    CompletableFuture<Boolean> scratch =
        async(
            () -> {
              timeline.step(
                  "scratch", () -> host.scratch().make(folder.scratch(), spec.scratchBytes()));
              return true;
            });
    CompletableFuture<Boolean> share =
        async(
            () -> {
              timeline.step("share", () -> new Share(folder.share(), host.mounts()).create());
              return true;
            });
    // All are waited for, whatever happens to one: what is to be undone must not be still growing.
    await(CompletableFuture.allOf(lease, scratch, share));
    return await(lease);
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

  private DomainSpec domain(NetworkLease lease) {
    return new DomainSpec(
        spec.id(),
        spec.size(),
        config.acceleration().get(),
        config.image().boot(),
        config.image().root(),
        folder.scratch(),
        folder.agentSocket(),
        folder.console(),
        folder.share(),
        Optional.of(new DomainSpec.NetworkCard(lease.tap(), lease.mac(), lease.mtu())));
  }

  private void configure(GuestAgent agent, NetworkLease lease) {
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
            DomainSpec.SHARE_TAG));
    agent.configureInterface(lease);
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
