package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.Journal;
import dev.hull.vm.journal.MachineJournal;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes spare machines and ends them; each is admitted and has a journal, as any machine has. */
final class SpareMaker {
  private static final Logger log = LoggerFactory.getLogger(SpareMaker.class);

  private final MachineHost host;
  private final MachineConfig config;
  private final Journal journal;
  private final ExecutorService threads;

  SpareMaker(MachineHost host, MachineConfig config, Journal journal, ExecutorService threads) {
    this.host = host;
    this.config = config;
    this.journal = journal;
    this.threads = threads;
  }

  /** Takes as long as a start, and a boot longer where there is no template. */
  Spare make(Spare.Kind of) {
    long began = System.nanoTime();
    if (config.templates().find(of.size()).isEmpty()) {
      // It was spoiled, or another process was making it.
      var _ = config.templates().prepare(of.size());
    }
    MachineSpec spec = of.spec(MachineId.random(host.random()));
    String name = DomainName.of(spec.id()).value();
    host.admission().admit(name, spec.size());
    MachineJournal own;
    try {
      own = journal.begin(spec, new byte[0]);
    } catch (MachineException e) {
      host.admission().release(name);
      throw e;
    }
    GuestAgent agent = new GuestAgent(new MachineFolder(own.folder()).ports(), threads);
    try {
      SizeRange sizes =
          new SpareStart(host, config, own, new Steps(new Timeline(), threads)).run(agent);
      log.info(
          "a spare machine stands by machine={} millis={}",
          spec.id().shortForm(),
          Duration.ofNanos(System.nanoTime() - began).toMillis());
      return new Spare(own, agent, sizes);
    } catch (RuntimeException e) {
      discard(own, agent);
      throw e;
    } catch (Error e) {
      // As if the process had been killed.
      agent.close();
      throw e;
    }
  }

  /**
   * Gives all of it back. What cannot be given back now, the next process on this root releases.
   */
  void discard(Spare spare) {
    discard(spare.journal(), spare.agent());
  }

  private void discard(MachineJournal own, GuestAgent agent) {
    agent.close();
    // Who interrupts wants an end, and an orderly one.
    boolean interrupted = Thread.interrupted();
    try {
      new Release(host).forget(own);
    } catch (RuntimeException e) {
      log.error("a spare machine cannot be released now folder={}", own.folder(), e);
      own.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
