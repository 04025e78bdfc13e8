package dev.hull.cri.bridge.store;

import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.Machine;
import dev.hull.vm.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds again, after a restart, what the daemon before this one made.
 *
 * <p>It assumes that {@link Machines} lists every machine that was not removed, with its containers
 * and our notes, and has released what was half made; that a container's folder was there before
 * the container; and that the agent kept the output that was not acknowledged. So sandboxes and
 * containers are as their notes say, logs go on where their records say, and a folder without a
 * container is released with its pin.
 */
public final class Adoption {
  private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

  private final Machines machines;
  private final Pods pods;
  private final ContainerFolders folders;

  public Adoption(Machines machines, Pods pods, ContainerFolders folders) {
    this.machines = machines;
    this.pods = pods;
    this.folders = folders;
  }

  public void run() throws IOException {
    for (Machine machine : machines.list()) {
      try {
        adopt(machine);
      } catch (IOException e) {
        // Left alone rather than removed: it may be a pod of a newer daemon, and it runs.
        LOG.atError()
            .addKeyValue("pod_sandbox_id", machine.spec().id())
            .log("cannot read what is noted about this machine: {}", e.getMessage());
      }
    }
    folders.releaseAllBut(
        machines.list().stream()
            .flatMap(machine -> machine.containers().stream())
            .map(guest -> guest.spec().id())
            .collect(Collectors.toSet()));
  }

  private void adopt(Machine machine) throws IOException {
    Sandbox sandbox = Notes.sandbox(machine);
    pods.names().adopt(sandbox.id(), Names.of(sandbox.config().getMetadata()));
    pods.add(sandbox);
    for (GuestContainer guest : machine.containers()) {
      ContainerFacts facts = Notes.container(guest);
      String id = guest.spec().id();
      Files.createDirectories(folders.folder(id));
      pods.names().adopt(id, Names.of(sandbox.id(), facts.config().getMetadata()));
      Container container = pods.add(sandbox, facts, guest);
      if (sandbox.runs() && wasStarted(guest.state())) {
        pods.followAfterRestart(container);
      }
    }
    LOG.atInfo()
        .addKeyValue("pod_sandbox_id", sandbox.id())
        .addKeyValue("pod", sandbox.config().getMetadata().getName())
        .addKeyValue("state", sandbox.state())
        .log("adopted");
  }

  private static boolean wasStarted(State state) {
    return switch (state) {
      case State.Created _ -> false;
      case State.Running _ -> true;
      case State.Exited exited -> !exited.startedAt().equals(Instant.EPOCH);
    };
  }
}
