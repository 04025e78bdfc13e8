package dev.hull.vm.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.GuestContainer.User;
import dev.hull.vm.MachineSize;
import dev.hull.vm.journal.v1.DiskPlanned;
import dev.hull.vm.journal.v1.Entry;
import dev.hull.vm.journal.v1.Route;
import dev.hull.vm.network.NetworkLease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Records as bytes. */
final class Entries {
  private Entries() {}

  static byte[] encode(JournalRecord record) {
    return entry(record).toByteArray();
  }

  private static Entry entry(JournalRecord record) {
    Entry.Builder entry = Entry.newBuilder();
    switch (record) {
      case JournalRecord.Begun r ->
          entry.getBegunBuilder().setSpec(Specs.encode(r.spec())).setNote(r.note());
      case JournalRecord.Assigned r ->
          entry.getAssignedBuilder().setSpec(Specs.encode(r.spec())).setNote(r.note());
      case JournalRecord.NetworkPlanned r ->
          entry.getNetworkPlannedBuilder().setConfiguration(r.configuration());
      case JournalRecord.NetworkAcquired r -> entry.setNetworkAcquired(encode(r.lease()));
      case JournalRecord.ScratchPlanned r -> entry.getScratchPlannedBuilder();
      case JournalRecord.SharePlanned r -> entry.getSharePlannedBuilder();
      case JournalRecord.DomainPlanned r -> entry.getDomainPlannedBuilder();
      case JournalRecord.Resized r ->
          entry.getResizedBuilder().setWanted(encode(r.wanted())).setSize(encode(r.size()));
      case JournalRecord.Started r -> entry.getStartedBuilder().setAt(encode(r.at()));
      case JournalRecord.DiskPlanned r -> entry.setDiskPlanned(encode(r));
      case JournalRecord.DiskReleased r -> entry.getDiskReleasedBuilder().setUnit(r.unit());
      case JournalRecord.ContainerPlanned r ->
          entry
              .getContainerPlannedBuilder()
              .setSpec(Specs.encode(r.spec()))
              .setNote(r.note())
              .setDiskUnit(r.diskUnit())
              .addAllVolumes(r.volumes());
      case JournalRecord.ContainerCreated r ->
          entry.getContainerCreatedBuilder().setContainerId(r.containerId()).setAt(encode(r.at()));
      case JournalRecord.ContainerStarted r -> {
        var started =
            entry
                .getContainerStartedBuilder()
                .setContainerId(r.containerId())
                .setAt(encode(r.at()))
                .setGuestPid(r.guestPid());
        r.user().ifPresent(user -> started.setUser(encode(user)));
      }
      case JournalRecord.ContainerUpdated r ->
          entry
              .getContainerUpdatedBuilder()
              .setContainerId(r.containerId())
              .setResources(Specs.encode(r.resources()))
              .setOomScoreAdj(r.oomScoreAdj())
              .setNote(r.note());
      case JournalRecord.ContainerExited r ->
          entry
              .getContainerExitedBuilder()
              .setContainerId(r.containerId())
              .setStartedAt(encode(r.state().startedAt()))
              .setFinishedAt(encode(r.state().finishedAt()))
              .setExitCode(r.state().exitCode())
              .setOomKilled(r.state().oomKilled())
              .setMessage(r.state().message());
      case JournalRecord.ContainerRemoving r ->
          entry.getContainerRemovingBuilder().setContainerId(r.containerId());
      case JournalRecord.ContainerRemoved r ->
          entry.getContainerRemovedBuilder().setContainerId(r.containerId());
      case JournalRecord.Stopping r ->
          entry
              .getStoppingBuilder()
              .setAt(encode(r.at()))
              .setAsked(r.asked())
              .setReason(r.reason());
      case JournalRecord.Stopped r -> entry.getStoppedBuilder();
      case JournalRecord.Removing r -> entry.getRemovingBuilder();
    }
    return entry.build();
  }

  /**
   * @throws IOException if the bytes are no record that this release knows
   */
  static JournalRecord decode(byte[] bytes) throws IOException {
    try {
      return record(Entry.parseFrom(bytes));
    } catch (InvalidProtocolBufferException | IllegalArgumentException | DateTimeException e) {
      throw new IOException("a record cannot be understood: " + e.getMessage(), e);
    }
  }

  private static JournalRecord record(Entry entry) throws IOException {
    return switch (entry.getKindCase()) {
      case BEGUN ->
          new JournalRecord.Begun(
              Specs.decode(entry.getBegun().getSpec()), entry.getBegun().getNote());
      case ASSIGNED ->
          new JournalRecord.Assigned(
              Specs.decode(entry.getAssigned().getSpec()), entry.getAssigned().getNote());
      case NETWORK_PLANNED ->
          new JournalRecord.NetworkPlanned(entry.getNetworkPlanned().getConfiguration());
      case NETWORK_ACQUIRED ->
          new JournalRecord.NetworkAcquired(decode(entry.getNetworkAcquired()));
      case SCRATCH_PLANNED -> new JournalRecord.ScratchPlanned();
      case SHARE_PLANNED -> new JournalRecord.SharePlanned();
      case DOMAIN_PLANNED -> new JournalRecord.DomainPlanned();
      case RESIZED ->
          new JournalRecord.Resized(
              decode(entry.getResized().getWanted()), decode(entry.getResized().getSize()));
      case STARTED -> new JournalRecord.Started(decode(entry.getStarted().getAt()));
      case DISK_PLANNED ->
          new JournalRecord.DiskPlanned(
              entry.getDiskPlanned().getUnit(), content(entry.getDiskPlanned()));
      case DISK_RELEASED -> new JournalRecord.DiskReleased(entry.getDiskReleased().getUnit());
      case CONTAINER_PLANNED -> {
        var planned = entry.getContainerPlanned();
        yield new JournalRecord.ContainerPlanned(
            Specs.decode(planned.getSpec()),
            planned.getNote(),
            planned.getDiskUnit(),
            planned.getVolumesList());
      }
      case CONTAINER_CREATED ->
          new JournalRecord.ContainerCreated(
              entry.getContainerCreated().getContainerId(),
              decode(entry.getContainerCreated().getAt()));
      case CONTAINER_STARTED -> {
        var started = entry.getContainerStarted();
        yield new JournalRecord.ContainerStarted(
            started.getContainerId(),
            decode(started.getAt()),
            started.getGuestPid(),
            started.hasUser() ? Optional.of(decode(started.getUser())) : Optional.empty());
      }
      case CONTAINER_UPDATED -> {
        var updated = entry.getContainerUpdated();
        yield new JournalRecord.ContainerUpdated(
            updated.getContainerId(),
            Specs.decode(updated.getResources()),
            updated.getOomScoreAdj(),
            updated.getNote());
      }
      case CONTAINER_EXITED -> {
        var exited = entry.getContainerExited();
        yield new JournalRecord.ContainerExited(
            exited.getContainerId(),
            // The time of creation is that of ContainerCreated: see History.
            new State.Exited(
                Instant.EPOCH,
                decode(exited.getStartedAt()),
                decode(exited.getFinishedAt()),
                exited.getExitCode(),
                exited.getOomKilled(),
                exited.getMessage()));
      }
      case CONTAINER_REMOVING ->
          new JournalRecord.ContainerRemoving(entry.getContainerRemoving().getContainerId());
      case CONTAINER_REMOVED ->
          new JournalRecord.ContainerRemoved(entry.getContainerRemoved().getContainerId());
      case STOPPING ->
          new JournalRecord.Stopping(
              decode(entry.getStopping().getAt()),
              entry.getStopping().getAsked(),
              entry.getStopping().getReason());
      case STOPPED -> new JournalRecord.Stopped();
      case REMOVING -> new JournalRecord.Removing();
      case KIND_NOT_SET -> throw new IOException("a record of a kind that is not known here");
    };
  }

  private static dev.hull.vm.journal.v1.NetworkAcquired encode(NetworkLease lease) {
    return dev.hull.vm.journal.v1.NetworkAcquired.newBuilder()
        .setTap(lease.tap())
        .setMac(lease.mac())
        .setMtu(lease.mtu())
        .addAllAddresses(lease.addresses())
        .addAllRoutes(
            lease.routes().stream()
                .map(
                    route ->
                        Route.newBuilder()
                            .setDestination(route.destination())
                            .setGateway(route.gateway())
                            .build())
                .toList())
        .setDns(Specs.encode(lease.dns()))
        .setResult(lease.result())
        .build();
  }

  private static NetworkLease decode(dev.hull.vm.journal.v1.NetworkAcquired lease) {
    return new NetworkLease(
        lease.getTap(),
        lease.getMac(),
        lease.getMtu(),
        lease.getAddressesList(),
        lease.getRoutesList().stream()
            .map(route -> new NetworkLease.Route(route.getDestination(), route.getGateway()))
            .toList(),
        Specs.decode(lease.getDns()),
        lease.getResult());
  }

  private static dev.hull.vm.journal.v1.MachineSize encode(MachineSize size) {
    return dev.hull.vm.journal.v1.MachineSize.newBuilder()
        .setVcpus(size.vcpus())
        .setMemoryMib(size.memoryMib())
        .build();
  }

  private static MachineSize decode(dev.hull.vm.journal.v1.MachineSize size) {
    return new MachineSize(size.getVcpus(), size.getMemoryMib());
  }

  private static dev.hull.vm.journal.v1.User encode(User user) {
    return dev.hull.vm.journal.v1.User.newBuilder()
        .setUid(user.uid())
        .setGid(user.gid())
        .addAllGroups(user.groups())
        .build();
  }

  private static User decode(dev.hull.vm.journal.v1.User user) {
    return new User(user.getUid(), user.getGid(), user.getGroupsList());
  }

  private static Timestamp encode(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  private static Instant decode(Timestamp at) {
    return Instant.ofEpochSecond(at.getSeconds(), at.getNanos());
  }

  private static DiskPlanned.Builder encode(JournalRecord.DiskPlanned planned) {
    DiskPlanned.Builder builder = DiskPlanned.newBuilder().setUnit(planned.unit());
    return switch (planned.content()) {
      case DiskContent.Layers(List<Path> layers) -> builder.addAllLayers(Specs.paths(layers));
      case DiskContent.Device(Path path, boolean readOnly) ->
          builder.setDevice(path.toString()).setReadOnly(readOnly);
    };
  }

  private static DiskContent content(DiskPlanned planned) {
    return planned.getDevice().isEmpty()
        ? new DiskContent.Layers(Specs.files(planned.getLayersList()))
        : new DiskContent.Device(Path.of(planned.getDevice()), planned.getReadOnly());
  }
}
