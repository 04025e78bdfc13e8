package dev.hull.vm.machine;

import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.guest.ContainerReport;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what a process before this one has left, however it ended. It relies on this:
 *
 * <ul>
 *   <li>The journal announces everything before it is done; so what is not in it does not exist,
 *       and what is in it may exist, wholly, in part, or not at all.
 *   <li>Releasing by name is idempotent, for domain, network, share and files alike.
 *   <li>No other process changes these machines: the journal's folder is locked.
 *   <li>A domain that is there was started by the process before, for names derive from ids.
 *   <li>The agent knows of every container that it made, and how those ended that have, and keeps
 *       that until it is told to remove them; creating and removing may be asked for again.
 *   <li>What the agent says of the past may be false, if the guest is hostile; it can only be about
 *       its own containers.
 * </ul>
 */
final class Adoption {
  private static final Logger log = LoggerFactory.getLogger(Adoption.class);
  private static final Duration RECONNECT = Duration.ofSeconds(20);

  private final MachineHost host;

  Adoption(MachineHost host) {
    this.host = host;
  }

  /** What became of a machine. */
  sealed interface Outcome {
    /** Its start or its removal was not complete; nothing of it is left. */
    record Forgotten() implements Outcome {}

    /** It has ended; its journal says why. */
    record Stopped() implements Outcome {}

    /** It runs, and its journal tells of its containers as they are now. */
    record Running() implements Outcome {}

    /** It runs, and its agent cannot be spoken to; its journal is as it was. */
    record Unmanaged(String reason) implements Outcome {}
  }

  Outcome adopt(MachineJournal journal, GuestAgent agent) {
    History history = journal.history();
    if (history.removing() || history.startedAt().isEmpty()) {
      new Release(host).all(journal);
      new MachineFolder(journal.folder()).delete();
      return new Outcome.Forgotten();
    }
    if (history.stopped()) {
      return new Outcome.Stopped();
    }
    if (history.stopping().isPresent()) {
      return stop(journal);
    }
    DomainName name = DomainName.of(history.spec().id());
    if (host.hypervisor().state(name).isEmpty()) {
      return stop(journal, "it ended while hull was not running");
    }
    host.admission().adopt(name.value(), history.wantedSize(), history.size());
    try {
      agent.reconnect(RECONNECT);
    } catch (MachineException e) {
      return e.kind() == Kind.WRONG_STATE
          ? new Outcome.Unmanaged(e.getMessage())
          : end(journal, name, e);
    }
    try {
      reconcile(journal, agent);
      return new Outcome.Running();
    } catch (MachineException e) {
      return end(journal, name, e);
    }
  }

  /** An agent that is silent or hostile will be so again; any other failure is not its own. */
  private Outcome end(MachineJournal journal, DomainName name, MachineException e) {
    if (e.kind() != Kind.UNAVAILABLE
        && e.kind() != Kind.DEADLINE
        && e.kind() != Kind.HOSTILE_GUEST) {
      throw e;
    }
    log.warn("a machine cannot be adopted and is ended domain={}", name, e);
    return stop(journal, "it could not be taken up by a new hull process: " + e.getMessage());
  }

  private Outcome stop(MachineJournal journal, String reason) {
    journal.append(new JournalRecord.Stopping(host.clock().instant(), false, reason));
    return stop(journal);
  }

  private Outcome stop(MachineJournal journal) {
    new Release(host).all(journal);
    journal.append(new JournalRecord.Stopped());
    return new Outcome.Stopped();
  }

  private void reconcile(MachineJournal journal, GuestAgent agent) {
    MachineContents contents = new MachineContents(host, journal, agent);
    Map<String, ContainerReport> seen = agent.list();
    for (History.Container container : journal.history().containers()) {
      String id = container.planned().spec().id();
      Optional<State> known = container.state();
      if (container.removing() || known.isEmpty()) {
        contents.remove(id);
      } else if (!(known.get() instanceof State.Exited)) {
        update(journal, id, known.get(), seen.get(id));
      }
    }
    for (String id : seen.keySet()) {
      if (journal.history().container(id).isEmpty()) {
        agent.remove(id);
      }
    }
    contents.unplugUnused();
  }

  private void update(
      MachineJournal journal,
      String id,
      State known,
      @org.jspecify.annotations.Nullable ContainerReport seen) {
    if (seen == null) {
      State.Exited lost =
          new State.Exited(
              known.createdAt(),
              Instant.EPOCH,
              host.clock().instant(),
              137,
              false,
              "the guest's agent has lost it");
      journal.append(new JournalRecord.ContainerExited(id, lost));
      return;
    }
    switch (seen.state()) {
      case State.Created created -> {
        if (known instanceof State.Running) {
          throw new MachineException(
              Kind.HOSTILE_GUEST,
              "the guest broke the protocol of the agent: a container that ran is said to be new");
        }
      }
      case State.Running running -> {
        if (known instanceof State.Created) {
          journal.append(
              new JournalRecord.ContainerStarted(
                  id, running.startedAt(), running.guestPid(), seen.user()));
        }
      }
      case State.Exited exited -> journal.append(new JournalRecord.ContainerExited(id, exited));
    }
  }
}
