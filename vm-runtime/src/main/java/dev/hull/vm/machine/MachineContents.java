package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.disk.ImageDisk;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import dev.hull.vm.share.Share;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is plugged and bound into a running machine for its containers: one disk for each list of
 * layers, one volume for each mount. Its machine's lock guards it.
 */
final class MachineContents {
  private static final Logger log = LoggerFactory.getLogger(MachineContents.class);
  private static final int NO_VOLUME = -1;

  private final MachineHost host;
  private final MachineJournal journal;
  private final GuestAgent agent;
  private final DomainName domain;
  private final Share share;

  MachineContents(MachineHost host, MachineJournal journal, GuestAgent agent) {
    this.host = host;
    this.journal = journal;
    this.agent = agent;
    this.domain = DomainName.of(journal.history().spec().id());
    this.share = new Share(new MachineFolder(journal.folder()).share(), host.mounts());
  }

  /** On failure nothing of it is left. */
  History.Container create(ContainerSpec spec, byte[] note) {
    int unit = disk(spec.layers());
    List<Integer> volumes = numbers(spec.mounts());
    journal.append(
        new JournalRecord.ContainerPlanned(spec, ByteString.copyFrom(note), unit, volumes));
    try {
      plug(unit, spec.layers());
      List<String> paths = new ArrayList<>();
      for (int i = 0; i < volumes.size(); i++) {
        paths.add(bind(spec.mounts().get(i), volumes.get(i)));
      }
      agent.create(spec, unit, paths);
      State state = agent.status(spec.id()).state();
      journal.append(new JournalRecord.ContainerCreated(spec.id(), state.createdAt()));
      return journal.history().container(spec.id()).orElseThrow();
    } catch (MachineException e) {
      try {
        remove(spec.id());
      } catch (MachineException undo) {
        e.addSuppressed(undo);
      }
      throw e;
    }
  }

  /** Removes what there is of a container, made wholly or in part. */
  void remove(String id) {
    History.Container container = journal.history().container(id).orElse(null);
    if (container == null) {
      return;
    }
    if (!container.removing()) {
      journal.append(new JournalRecord.ContainerRemoving(id));
    }
    agent.remove(id);
    for (int volume : container.planned().volumes()) {
      if (volume != NO_VOLUME) {
        share.release(volume);
      }
    }
    journal.append(new JournalRecord.ContainerRemoved(id));
    unplugUnused();
  }

  /** The unit of the disk with these layers, planned or there. */
  private int disk(List<Path> layers) {
    Map<Integer, List<Path>> disks = journal.history().disks();
    for (Map.Entry<Integer, List<Path>> disk : disks.entrySet()) {
      if (disk.getValue().equals(layers)) {
        return disk.getKey();
      }
    }
    for (int unit = Disk.FIRST_IMAGE_UNIT; unit <= Disk.LAST_UNIT; unit++) {
      if (!disks.containsKey(unit)) {
        journal.append(new JournalRecord.DiskPlanned(unit, layers));
        return unit;
      }
    }
    throw new MachineException(
        Kind.EXHAUSTED,
        "a machine can have %d images at a time; remove containers or use another pod"
            .formatted(Disk.LAST_UNIT - Disk.FIRST_IMAGE_UNIT + 1));
  }

  private void plug(int unit, List<Path> layers) {
    boolean there = host.hypervisor().disks(domain).stream().anyMatch(disk -> disk.unit() == unit);
    if (!there) {
      Path descriptor = ImageDisk.write(journal.folder(), MachineFolder.imageDisk(unit), layers);
      host.hypervisor().attachDisk(domain, Disk.vmdk(unit, descriptor));
    }
  }

  /** A disk that does not go stays known, and is tried again with the next container removed. */
  void unplugUnused() {
    Set<Integer> used = new HashSet<>();
    journal.history().containers().forEach(container -> used.add(container.planned().diskUnit()));
    for (int unit : journal.history().disks().keySet()) {
      if (!used.contains(unit)) {
        try {
          host.hypervisor().detachDisk(domain, unit);
          ImageDisk.remove(journal.folder(), MachineFolder.imageDisk(unit));
          journal.append(new JournalRecord.DiskReleased(unit));
        } catch (MachineException e) {
          log.warn("a disk could not be unplugged domain={} unit={}", domain, unit, e);
        }
      }
    }
  }

  private List<Integer> numbers(List<Mount> mounts) {
    Set<Integer> taken = new HashSet<>();
    journal.history().containers().forEach(other -> taken.addAll(other.planned().volumes()));
    List<Integer> numbers = new ArrayList<>();
    int next = 0;
    for (Mount mount : mounts) {
      if (mount.source() instanceof Source.HostPath) {
        while (taken.contains(next)) {
          next++;
        }
        numbers.add(next++);
      } else {
        numbers.add(NO_VOLUME);
      }
    }
    return numbers;
  }

  private String bind(Mount mount, int number) {
    return mount.source() instanceof Source.HostPath(Path path)
        ? share.bind(number, path, mount.readonly())
        : "";
  }
}
