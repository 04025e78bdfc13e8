package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import dev.hull.vm.network.NetworkLease;
import dev.hull.vm.share.Share;
import dev.hull.vm.template.Template;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a machine has whatever pod it is for: a scratch disk, a share, and, where there is a
 * template of its size, a domain that is a copy of it.
 */
final class Groundwork {
  private static final Logger log = LoggerFactory.getLogger(Groundwork.class);

  private final MachineHost host;
  private final MachineConfig config;
  private final MachineJournal journal;
  private final MachineFolder folder;
  private final MachineSpec spec;
  private final DomainName name;
  private final Steps steps;

  Groundwork(MachineHost host, MachineConfig config, MachineJournal journal, Steps steps) {
    this.host = host;
    this.config = config;
    this.journal = journal;
    this.folder = new MachineFolder(journal.folder());
    this.spec = journal.history().spec();
    this.name = DomainName.of(spec.id());
    this.steps = steps;
  }

  /** Says what is about to be made. */
  void plan() {
    folder.letThrough();
    journal.append(new JournalRecord.ScratchPlanned());
    journal.append(new JournalRecord.SharePlanned());
    journal.append(new JournalRecord.DomainPlanned());
  }

  /**
   * Makes all of it, at the same time.
   *
   * @return whether there is a domain, a copy that stands still
   */
  CompletableFuture<Boolean> begin() {
    CompletableFuture<?> scratch =
        steps.begin("scratch", () -> host.scratch().make(folder.scratch(), spec.scratchBytes()));
    CompletableFuture<?> share =
        steps.begin("share", () -> new Share(folder.share(), host.mounts()).create());
    CompletableFuture<Boolean> copy = steps.begin(this::restore);
    return CompletableFuture.allOf(scratch, share, copy).thenApply(made -> Steps.await(copy));
  }

  private boolean restore() {
    try {
      return config.templates().find(spec.size()).map(this::restore).orElse(false);
    } catch (MachineException e) {
      bootsInstead(e);
      return false;
    }
  }

  private boolean restore(Template template) {
    try {
      Path memory = host.memory().create(name, spec.size().memoryMib());
      // QEMU starts meanwhile; it wants the bytes when the state comes in.
      CompletableFuture<?> poured = steps.begin("memory", () -> template.pourInto(memory));
      try {
        steps.take(
            "restore",
            () ->
                host.hypervisor()
                    .restore(copy(memory), template.state(), () -> Steps.await(poured)));
      } finally {
        poured.exceptionally(failed -> null).join();
      }
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

  /** The template has neither, for each copy has its own. */
  void attach() {
    host.hypervisor().attachDisk(name, Disk.writable(Disk.SCRATCH_UNIT, folder.scratch()));
    host.hypervisor().attachShare(name, folder.share());
  }

  void bootsInstead(MachineException e) {
    log.warn(
        "a machine cannot be a copy of a template, so it boots machine={}",
        spec.id().shortForm(),
        e);
  }

  private DomainSpec copy(Path memory) {
    return domain(Optional.of(memory), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A domain that has everything from its beginning. */
  DomainSpec booting(NetworkLease lease) {
    return domain(
        Optional.empty(),
        Optional.of(folder.scratch()),
        Optional.of(folder.share()),
        Optional.of(card(lease)));
  }

  static DomainSpec.NetworkCard card(NetworkLease lease) {
    return new DomainSpec.NetworkCard(lease.tap(), lease.mac(), lease.mtu());
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
}
