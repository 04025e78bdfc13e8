package dev.hull.vm.template;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.SystemCallFilter;
import dev.hull.vm.disk.ImageDisk;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.guest.GuestIdentity;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.Hypervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * What every start of a pod asks of its guest, asked of the one that becomes a template: a copy's
 * agent has it loaded and linked then, and the guest's kernel in its memory. Nothing of it is left
 * but that.
 */
final class Rehearsal {
  private static final String CONTAINER = "0".repeat(64);
  private static final String IMAGE = "rehearsal";
  private static final int KILL = 9;
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int ENTROPY_BYTES = 32;

  private final Hypervisor hypervisor;
  private final RandomGenerator random;

  Rehearsal(Hypervisor hypervisor, RandomGenerator random) {
    this.hypervisor = hypervisor;
    this.random = random;
  }

  /**
   * @param place a folder for what the machine is given meanwhile
   */
  void of(DomainSpec machine, GuestAgent agent, Path place) {
    byte[] entropy = new byte[ENTROPY_BYTES];
    random.nextBytes(entropy);
    agent.configure(
        GuestIdentity.provisional(
            Instant.now(), ByteString.copyFrom(entropy), Optional.empty(), ""));
    agent.configureLoopback();
    int unit = Disk.FIRST_IMAGE_UNIT;
    // The only image that is always there: the guest's own. Its launcher says how it is to be
    // used.
    Path image = ImageDisk.write(place, IMAGE, List.of(machine.rootDisk()));
    hypervisor.attachDisk(machine.name(), Disk.vmdk(unit, image));
    agent.create(container(machine.rootDisk()), unit, List.of());
    agent.start(CONTAINER);
    hear(agent);
    agent.signal(CONTAINER, KILL, true);
    agent.await(CONTAINER, DEADLINE);
    agent.remove(CONTAINER);
    hypervisor.detachDisk(machine.name(), unit);
    ImageDisk.remove(place, IMAGE);
  }

  /** Takes what the container says, to its end. */
  private static void hear(GuestAgent agent) {
    try (Output said = agent.output(CONTAINER, 0)) {
      CompletableFuture.runAsync(() -> take(said), Thread::startVirtualThread)
          .get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new MachineException(
          Kind.DEADLINE,
          "the output of the rehearsed container has no end after %d s"
              .formatted(DEADLINE.toSeconds()),
          e);
    } catch (ExecutionException e) {
      throw new MachineException(
          Kind.UNAVAILABLE, "the output of the rehearsed container is lost: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(Kind.UNAVAILABLE, "the rehearsal was interrupted", e);
    }
  }

  private static void take(Output said) {
    for (Output.Chunk chunk = said.next(); chunk != null; chunk = said.next()) {
      said.acknowledge(chunk.offset() + chunk.data().remaining());
    }
  }

  /** With what most have: capabilities, and paths that are hidden or cannot be written. */
  private static ContainerSpec container(Path image) {
    return new ContainerSpec(
        CONTAINER,
        List.of(image),
        false,
        new ContainerSpec.Program(
            List.of("/hull/launch"),
            List.of("PATH=/bin"),
            "/",
            ContainerSpec.User.OF_THE_IMAGE,
            false,
            false,
            new ContainerSpec.Rights(
                List.of("CHOWN", "KILL"), List.of(), false, SystemCallFilter.NONE),
            List.of(),
            0),
        List.of(),
        ContainerSpec.Resources.UNLIMITED,
        false,
        new ContainerSpec.PidNamespace.Own(),
        List.of("/proc/kcore"),
        List.of("/proc/sys"),
        List.of());
  }
}
