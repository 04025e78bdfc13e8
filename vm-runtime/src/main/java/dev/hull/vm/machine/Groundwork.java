package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import dev.hull.vm.network.NetworkLease;
import dev.hull.vm.template.Template;
import dev.hull.vm.template.Templates;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a machine has whatever pod it is for: a scratch disk, a share, and, where there is a
 * template that reaches its size, a domain that is a copy of it.
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
   * @return how the domain comes to its size, which is a copy that stands still; empty without one
   */
  CompletableFuture<Optional<MachineGrowth>> begin() {
    CompletableFuture<?> scratch =
        steps.begin("scratch", () -> host.scratch().make(folder.scratch(), spec.scratchBytes()));
    CompletableFuture<?> share = steps.begin("share", () -> folder.share().create());
    CompletableFuture<Optional<MachineGrowth>> copy = steps.begin(this::restore);
    return CompletableFuture.allOf(scratch, share, copy).thenApply(made -> Steps.await(copy));
  }

  private Optional<MachineGrowth> restore() {
    try {
      return config
          .templates()
          .find(spec.size())
          .flatMap(match -> admitted(match.sizes()).filter(growth -> restore(match, growth)));
    } catch (MachineException e) {
      bootsInstead(e);
      return Optional.empty();
    }
  }

  /** A copy may be larger than asked for, which the host must have room for. */
  private Optional<MachineGrowth> admitted(SizeRange sizes) {
    MachineGrowth growth = new MachineGrowth(host, name, sizes, spec.size());
    try {
      growth.admit();
      return Optional.of(growth);
    } catch (MachineException e) {
      if (e.kind() != Kind.EXHAUSTED) {
        throw e;
      }
      log.info("a machine boots, for a copy would be larger reason={}", e.getMessage());
      return Optional.empty();
    }
  }

  private boolean restore(Templates.Match match, MachineGrowth growth) {
    Template template = match.template();
    Path memory;
    try {
      memory = host.memory().create(name, match.sizes().least().memoryMib());
    } catch (MachineException e) {
      // By no fault of the template.
      bootsInstead(e);
      return false;
    }
    try {
      // QEMU starts meanwhile; it wants the bytes when the state comes in.
      CompletableFuture<?> poured = steps.begin("memory", () -> template.pourInto(memory));
      try {
        steps.take(
            "restore",
            () ->
                host.hypervisor()
                    .restore(
                        copy(match.sizes(), memory), template.state(), () -> Steps.await(poured)));
      } finally {
        poured.exceptionally(failed -> null).join();
      }
      // QEMU has it open.
      host.memory().delete(name);
    } catch (MachineException e) {
      host.memory().delete(name);
      switch (e.kind()) {
        case INTERNAL, INVALID ->
            config.templates().spoiled(template, String.valueOf(e.getMessage()));
        default -> bootsInstead(e);
      }
      return false;
    }
    return !growth.isNeeded() || plug(growth);
  }

  /** While the copy stands still: its guest finds all of it when it goes on. */
  private boolean plug(MachineGrowth growth) {
    try {
      steps.take("plug", growth::plug);
      return true;
    } catch (MachineException e) {
      bootsInstead(e);
      host.hypervisor().destroy(name);
      return false;
    }
  }

  /** The template has neither, for each copy has its own. */
  void attach() {
    host.hypervisor().attachDisk(name, Disk.writable(Disk.SCRATCH_UNIT, folder.scratch()));
    host.hypervisor().attachShare(name, folder.share().path());
  }

  void bootsInstead(MachineException e) {
    log.warn(
        "a machine cannot be a copy of a template, so it boots machine={}",
        spec.id().shortForm(),
        e);
  }

  private DomainSpec copy(SizeRange sizes, Path memory) {
    return domain(sizes, Optional.of(memory), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A domain that has everything from its beginning, and just the size that was asked for. */
  DomainSpec booting(NetworkLease lease) {
    host.admission().resize(name.value(), spec.size(), spec.size());
    return domain(
        SizeRange.from(spec.size(), config.host()),
        Optional.empty(),
        Optional.of(folder.scratch()),
        Optional.of(folder.share().path()),
        Optional.of(card(lease)));
  }

  static DomainSpec.NetworkCard card(NetworkLease lease) {
    return new DomainSpec.NetworkCard(lease.tap(), lease.mac(), lease.mtu());
  }

  private DomainSpec domain(
      SizeRange sizes,
      Optional<Path> memory,
      Optional<Path> scratch,
      Optional<Path> share,
      Optional<DomainSpec.NetworkCard> card) {
    return new DomainSpec(
        spec.id(),
        sizes,
        config.acceleration().get(),
        config.image().boot(),
        memory,
        config.image().root(),
        scratch,
        folder.ports(),
        folder.console(),
        share,
        card);
  }
}
