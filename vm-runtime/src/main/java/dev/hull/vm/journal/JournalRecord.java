package dev.hull.vm.journal;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.ContainerSpec.Mount.Source.BlockDevice;
import dev.hull.vm.ContainerSpec.Mount.Source.HostPath;
import dev.hull.vm.ContainerSpec.Mount.Source.ImageFiles;
import dev.hull.vm.ContainerSpec.Mount.Source.Replica;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.GuestContainer.User;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.network.NetworkLease;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A record of a machine's journal. Each is durable before what it announces is done, so that a
 * successor of a killed process knows of everything that may exist.
 *
 * <pre>
 *   Begun ─▶ NetworkPlanned ─▶ ScratchPlanned ─▶ SharePlanned ─▶ DomainPlanned ─▶ NetworkAcquired
 *         ─▶ Started ─▶ (containers and disks)* ─▶ Stopping ─▶ Stopped ─▶ Removing
 * </pre>
 *
 * A spare machine's begins without a pod, and its network comes after that:
 *
 * <pre>
 *   Begun ─▶ ScratchPlanned ─▶ SharePlanned ─▶ DomainPlanned ─▶ Assigned ─▶ NetworkPlanned ─▶ …
 * </pre>
 *
 * {@code Resized} may come before {@code Started} and at any point after it, {@code Stopping} may
 * come at any point, {@code Removing} after {@code Stopped}.
 */
public sealed interface JournalRecord {
  /** Always the first. */
  record Begun(MachineSpec spec, ByteString note) implements JournalRecord {}

  /** What stood by is this pod's machine from here on; of the specification only the id stays. */
  record Assigned(MachineSpec spec, ByteString note) implements JournalRecord {}

  /** Namespace, tap and addresses may exist from here on. */
  record NetworkPlanned(String configuration) implements JournalRecord {}

  record NetworkAcquired(NetworkLease lease) implements JournalRecord {}

  record ScratchPlanned() implements JournalRecord {}

  record SharePlanned() implements JournalRecord {}

  /** A domain of the machine's name, and its memory file, may exist from here on. */
  record DomainPlanned() implements JournalRecord {}

  /**
   * The machine may have another size than its specification says from here on.
   *
   * @param wanted what has been asked for
   * @param size what it may have, which is at least that
   */
  record Resized(MachineSize wanted, MachineSize size) implements JournalRecord {}

  /** The machine runs: from here on a successor adopts it. */
  record Started(Instant at) implements JournalRecord {}

  /** A disk is about to be plugged in. */
  record DiskPlanned(int unit, DiskContent content) implements JournalRecord {}

  record DiskReleased(int unit) implements JournalRecord {}

  /**
   * A container is about to be made.
   *
   * @param volumes for each mount its number in the share, or of an image's files and of a block
   *     device the unit of their disk; {@value #NO_VOLUME} for one that is neither
   */
  record ContainerPlanned(ContainerSpec spec, ByteString note, int diskUnit, List<Integer> volumes)
      implements JournalRecord {
    public static final int NO_VOLUME = -1;

    public ContainerPlanned {
      volumes = List.copyOf(volumes);
    }

    /** The numbers that it has in the share. */
    public Set<Integer> shared() {
      return volumes(source -> source instanceof HostPath || source instanceof Replica);
    }

    /** The disks of its root and of the images that are mounted in it. */
    public Set<Integer> disks() {
      Set<Integer> units =
          volumes(source -> source instanceof ImageFiles || source instanceof BlockDevice);
      units.add(diskUnit);
      return units;
    }

    private Set<Integer> volumes(Predicate<Source> wanted) {
      Set<Integer> found = new HashSet<>();
      for (int i = 0; i < volumes.size(); i++) {
        if (wanted.test(spec.mounts().get(i).source())) {
          found.add(volumes.get(i));
        }
      }
      return found;
    }
  }

  /** The agent has it: from here on a successor adopts it. */
  record ContainerCreated(String containerId, Instant at) implements JournalRecord {}

  record ContainerStarted(String containerId, Instant at, int guestPid, Optional<User> user)
      implements JournalRecord {}

  /** It has these limits, and the caller's data about it is this. */
  record ContainerUpdated(
      String containerId, ContainerSpec.Resources resources, int oomScoreAdj, ByteString note)
      implements JournalRecord {}

  record ContainerExited(String containerId, State.Exited state) implements JournalRecord {}

  /** It is gone for whoever asks; a successor completes the removal. */
  record ContainerRemoving(String containerId) implements JournalRecord {}

  record ContainerRemoved(String containerId) implements JournalRecord {}

  /** The machine has ended or is to end; all that it holds is about to be released. */
  record Stopping(Instant at, boolean asked, String reason) implements JournalRecord {}

  /** All has been released. */
  record Stopped() implements JournalRecord {}

  /** Its folder, with this journal, is about to be deleted. */
  record Removing() implements JournalRecord {}
}
