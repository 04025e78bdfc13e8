package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.guest.GuestIdentity;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.MachineJournal;
import java.util.Optional;

/**
 * The part of a start for which no pod has to be known: a copy of the template that has its disk
 * and its share mounted, has random numbers of its own, and stands still.
 */
final class SpareStart {
  private final MachineHost host;
  private final MachineJournal journal;
  private final Groundwork groundwork;

  SpareStart(MachineHost host, MachineConfig config, MachineJournal journal, Steps steps) {
    this.host = host;
    this.journal = journal;
    this.groundwork = new Groundwork(host, config, journal, steps);
  }

  /**
   * UNAVAILABLE without a template. On failure the journal tells what is.
   *
   * @return how far it grows
   */
  SizeRange run(GuestAgent agent) {
    DomainName name = DomainName.of(journal.history().spec().id());
    groundwork.plan();
    MachineGrowth growth =
        Steps.await(groundwork.begin())
            .orElseThrow(
                () ->
                    new MachineException(
                        Kind.UNAVAILABLE,
                        "a spare machine is a copy of a template, and there is none now"));
    groundwork.attach();
    host.hypervisor().resume(name);
    agent.awaitResume(MachineStart.AGENT_ANSWERS);
    if (growth.isNeeded()) {
      growth.takeUp(agent);
    }
    growth.record(journal);
    agent.configure(
        GuestIdentity.provisional(
            host.clock().instant(),
            ByteString.copyFrom(MachineStart.entropy(host.random())),
            Optional.of(Disk.SCRATCH_UNIT),
            DomainSpec.SHARE_TAG));
    agent.configureLoopback();
    host.hypervisor().pause(name);
    return growth.sizes();
  }
}
