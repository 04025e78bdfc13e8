package dev.hull.vm.machine;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.UserNamespace;
import dev.hull.vm.disk.DeviceNode;
import dev.hull.vm.disk.ImageDisk;
import dev.hull.vm.guest.Attachment;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.guest.GuestReplicas;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.journal.DiskContent;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;
import dev.hull.vm.replica.Followers;
import dev.hull.vm.share.Share;
import dev.hull.vm.share.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is plugged and bound into a running machine for its containers: one disk for each list of
 * layers, one volume for each mount. Its machine's lock guards it.
 */
final class MachineContents {
  private static final Logger log = LoggerFactory.getLogger(MachineContents.class);
  private static final int IMAGE_UNITS = Disk.LAST_UNIT - Disk.FIRST_IMAGE_UNIT + 1;

  private final MachineHost host;
  private final MachineJournal journal;
  private final GuestAgent agent;
  private final DomainName domain;
  private final Share share;
  private final Followers followers;

  /**
   * A place is left empty for as long as can be: a guest learns late that another disk is there.
   */
  private int nextUnit = Disk.FIRST_IMAGE_UNIT;

  MachineContents(MachineHost host, MachineJournal journal, GuestAgent agent) {
    this.host = host;
    this.journal = journal;
    this.agent = agent;
    this.domain = DomainName.of(journal.history().spec().id());
    this.share = new Share(folder().share(), host.mounts(), this::virtiofsd);
    GuestReplicas replicas = new GuestReplicas(agent);
    this.followers = new Followers(host.watcher(), number -> replicas.of(Share.path(number)));
  }

  private OptionalLong virtiofsd() {
    try {
      return host.hypervisor().processes(domain).stream()
          .filter(process -> process.role() == DomainProcess.Role.VIRTIOFSD)
          .mapToLong(DomainProcess::pid)
          .findFirst();
    } catch (MachineException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  /** On failure nothing of it is left. */
  History.Container create(ContainerSpec spec, byte[] note) {
    DiskContent root = new DiskContent.Layers(spec.layers());
    int unit = disk(root);
    List<Integer> volumes = numbers(spec.mounts());
    journal.append(
        new JournalRecord.ContainerPlanned(spec, ByteString.copyFrom(note), unit, volumes));
    try {
      plug(unit, root);
      List<Attachment> attachments = new ArrayList<>();
      for (int i = 0; i < volumes.size(); i++) {
        attachments.add(attach(spec.mounts().get(i), volumes.get(i)));
      }
      agent.create(spec, unit, attachments);
      replicas(spec, volumes, followers::start);
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
    Set<Integer> shared = container.planned().shared();
    shared.forEach(followers::stop);
    agent.remove(id);
    shared.forEach(share::release);
    journal.append(new JournalRecord.ContainerRemoved(id));
    unplugUnused();
  }

  /** Goes on with what a process before this one has begun. */
  void resume(History.Container container) {
    replicas(container.planned().spec(), container.planned().volumes(), followers::resume);
  }

  /** Nothing in the machine changes any more by itself. */
  void close() {
    followers.close();
  }

  private static void replicas(
      ContainerSpec spec, List<Integer> volumes, BiConsumer<Integer, Path> each) {
    for (int i = 0; i < volumes.size(); i++) {
      if (spec.mounts().get(i).source() instanceof Source.Replica(Path folder)) {
        each.accept(volumes.get(i), folder);
      }
    }
  }

  /** The unit of the disk with this content, planned or there. */
  private int disk(DiskContent content) {
    Map<Integer, DiskContent> disks = journal.history().disks();
    for (Map.Entry<Integer, DiskContent> disk : disks.entrySet()) {
      if (disk.getValue().equals(content)) {
        return disk.getKey();
      }
    }
    for (int tried = 0; tried < IMAGE_UNITS; tried++) {
      int unit = nextUnit;
      nextUnit = unit == Disk.LAST_UNIT ? Disk.FIRST_IMAGE_UNIT : unit + 1;
      if (!disks.containsKey(unit)) {
        journal.append(new JournalRecord.DiskPlanned(unit, content));
        return unit;
      }
    }
    throw new MachineException(
        Kind.EXHAUSTED,
        "a machine can have %d images and block devices at a time; remove containers or use another pod"
            .formatted(IMAGE_UNITS));
  }

  private void plug(int unit, DiskContent content) {
    boolean there = host.hypervisor().disks(domain).stream().anyMatch(disk -> disk.unit() == unit);
    if (!there) {
      host.hypervisor().attachDisk(domain, made(unit, content));
    }
  }

  private Disk made(int unit, DiskContent content) {
    return switch (content) {
      case DiskContent.Layers(List<Path> layers) ->
          Disk.vmdk(unit, ImageDisk.write(journal.folder(), MachineFolder.imageDisk(unit), layers));
      case DiskContent.Device(Path device, boolean readOnly) -> {
        Path node = folder().deviceNode(unit);
        host.nodes().make(node, device, readOnly);
        yield Disk.device(unit, node, readOnly);
      }
    };
  }

  private void unmake(int unit, DiskContent content) {
    switch (content) {
      case DiskContent.Layers layers ->
          ImageDisk.remove(journal.folder(), MachineFolder.imageDisk(unit));
      case DiskContent.Device device -> DeviceNode.remove(folder().deviceNode(unit));
    }
  }

  private MachineFolder folder() {
    return new MachineFolder(journal.folder());
  }

  /** A disk that does not go stays known, and is tried again with the next container removed. */
  void unplugUnused() {
    Set<Integer> used = new HashSet<>();
    journal.history().containers().forEach(other -> used.addAll(other.planned().disks()));
    journal
        .history()
        .disks()
        .forEach(
            (unit, content) -> {
              if (!used.contains(unit)) {
                unplug(unit, content);
              }
            });
  }

  private void unplug(int unit, DiskContent content) {
    try {
      host.hypervisor().detachDisk(domain, unit);
      unmake(unit, content);
      journal.append(new JournalRecord.DiskReleased(unit));
    } catch (MachineException e) {
      log.warn("a disk could not be unplugged domain={} unit={}", domain, unit, e);
    }
  }

  private List<Integer> numbers(List<Mount> mounts) {
    Set<Integer> taken = new HashSet<>();
    journal.history().containers().forEach(other -> taken.addAll(other.planned().shared()));
    List<Integer> numbers = new ArrayList<>();
    for (Mount mount : mounts) {
      switch (mount.source()) {
        case Source.HostPath host -> numbers.add(free(taken));
        case Source.Replica replica -> numbers.add(free(taken));
        case Source.ImageFiles image -> numbers.add(disk(content(image)));
        case Source.BlockDevice device -> numbers.add(disk(content(mount, device)));
        case Source.Tmpfs tmpfs -> numbers.add(JournalRecord.ContainerPlanned.NO_VOLUME);
        case Source.PodFile file -> numbers.add(JournalRecord.ContainerPlanned.NO_VOLUME);
      }
    }
    return numbers;
  }

  private static int free(Set<Integer> taken) {
    int number = 0;
    while (!taken.add(number)) {
      number++;
    }
    return number;
  }

  private Attachment attach(Mount mount, int number) {
    return switch (mount.source()) {
      case Source.HostPath(Path path) -> shared(mount, number, path);
      // The agent reads it from there.
      case Source.Replica(Path folder) -> shared(mount, number, folder);
      case Source.ImageFiles image -> plugged(number, content(image));
      case Source.BlockDevice device -> plugged(number, content(mount, device));
      case Source.Tmpfs tmpfs -> new Attachment.None();
      case Source.PodFile file -> new Attachment.None();
    };
  }

  private static DiskContent content(Source.ImageFiles image) {
    return new DiskContent.Layers(image.layers());
  }

  private static DiskContent content(Mount mount, Source.BlockDevice device) {
    return new DiskContent.Device(device.path(), mount.readonly());
  }

  private Attachment plugged(int unit, DiskContent content) {
    plug(unit, content);
    return new Attachment.Plugged(unit);
  }

  private Attachment shared(Mount mount, int number, Path path) {
    Optional<UserNamespace> users =
        mount.mapped() ? journal.history().spec().users() : Optional.empty();
    return new Attachment.Shared(
        share.bind(number, path, new View(mount.access(), mount.hostToContainer(), users)));
  }
}
