package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.Capabilities;
import dev.hull.guest.v1.CreateContainerRequest;
import dev.hull.guest.v1.Device;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.ImageFiles;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.PodFile;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.Resources;
import dev.hull.guest.v1.Rlimit;
import dev.hull.guest.v1.RootFilesystem;
import dev.hull.guest.v1.UpdateContainerRequest;
import dev.hull.guest.v1.User;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.ContainerSpec.PidNamespace;
import dev.hull.vm.GuestContainer.Command;
import dev.hull.vm.share.Share;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A container's specification in the words of the agent's protocol. */
final class ContainerRequest {
  private ContainerRequest() {}

  /**
   * @param attachments one for each mount
   */
  static CreateContainerRequest of(ContainerSpec spec, int unit, List<Attachment> attachments) {
    RootFilesystem.Builder root =
        RootFilesystem.newBuilder()
            .setDisk(DiskAddress.newBuilder().setUnit(unit))
            .setReadonly(spec.readonlyRoot());
    root.addAllLayerPartitions(partitions(spec.layers()));
    dev.hull.guest.v1.ContainerSpec.Builder builder =
        dev.hull.guest.v1.ContainerSpec.newBuilder()
            .setRoot(root)
            .setProcess(process(spec.program()))
            .setResources(resources(spec.resources()))
            .setPrivileged(spec.privileged())
            .setPodPidNamespace(spec.pidNamespace() instanceof PidNamespace.Pod)
            .setPidNamespaceOf(
                spec.pidNamespace() instanceof PidNamespace.Of(String container) ? container : "")
            .addAllMaskedPaths(spec.maskedPaths())
            .addAllReadonlyPaths(spec.readonlyPaths());
    spec.devices().forEach(device -> builder.addDevices(device(device)));
    for (int i = 0; i < spec.mounts().size(); i++) {
      builder.addMounts(mount(spec.mounts().get(i), attachments.get(i)));
    }
    return CreateContainerRequest.newBuilder().setContainerId(spec.id()).setSpec(builder).build();
  }

  /** What is left empty, the agent takes from the first process. */
  static ProcessSpec process(Command command) {
    return ProcessSpec.newBuilder()
        .addAllArgs(command.args())
        .setTerminal(command.terminal())
        .setStdin(command.stdin())
        .build();
  }

  private static ProcessSpec process(ContainerSpec.Program program) {
    ProcessSpec.Builder builder =
        ProcessSpec.newBuilder()
            .addAllArgs(program.args())
            .addAllEnv(program.env())
            .setWorkingDir(program.workingDir())
            .setUser(
                User.newBuilder()
                    .setName(program.user().name())
                    .addAllSupplementalGroups(program.user().supplementalGroups())
                    .setOnlyTheseGroups(program.user().onlyTheseGroups()))
            .setTerminal(program.terminal())
            .setStdin(program.stdin())
            .setCapabilities(capabilities(program.rights()))
            .setNoNewPrivileges(program.rights().noNewPrivileges())
            .setSeccompBpf(ByteString.copyFrom(program.rights().filter().program()))
            .setOomScoreAdj(program.oomScoreAdj());
    for (ContainerSpec.Rlimit limit : program.rlimits()) {
      builder.addRlimits(
          Rlimit.newBuilder().setName(limit.name()).setSoft(limit.soft()).setHard(limit.hard()));
    }
    return builder.build();
  }

  private static Capabilities capabilities(ContainerSpec.Rights rights) {
    return Capabilities.newBuilder()
        .addAllBounding(rights.capabilities())
        .addAllEffective(rights.capabilities())
        .addAllPermitted(rights.capabilities())
        // The kernel drops ambient capabilities that are not inheritable.
        .addAllInheritable(rights.ambientCapabilities())
        .addAllAmbient(rights.ambientCapabilities())
        .build();
  }

  private static Device device(ContainerSpec.Device device) {
    return Device.newBuilder()
        .setGuestPath(device.guestPath())
        .setContainerPath(device.containerPath())
        .setRead(device.read())
        .setWrite(device.write())
        .build();
  }

  private static Iterable<Integer> partitions(List<Path> layers) {
    return IntStream.rangeClosed(1, layers.size()).boxed().toList();
  }

  private static Mount mount(ContainerSpec.Mount mount, Attachment attachment) {
    Mount.Builder builder =
        Mount.newBuilder()
            .setDestination(mount.destination())
            .setReadonly(mount.readonly())
            .setHostToContainer(mount.hostToContainer());
    switch (attachment) {
      case Attachment.Shared(Share.Volume volume) -> shared(builder, mount.source(), volume);
      case Attachment.Plugged(int unit) -> plugged(builder, mount.source(), unit);
      case Attachment.None none -> made(builder, mount.source());
    }
    return builder.build();
  }

  private static void shared(Mount.Builder builder, Source source, Share.Volume volume) {
    switch (source) {
      case Source.HostPath host ->
          builder.setSharePath(volume.path()).setReadonly(volume.readonly());
      case Source.Replica replica -> builder.setReplicaSharePath(volume.path());
      case Source.ImageFiles image -> throw misplaced(source);
      case Source.BlockDevice device -> throw misplaced(source);
      case Source.Tmpfs tmpfs -> throw misplaced(source);
      case Source.PodFile file -> throw misplaced(source);
    }
  }

  private static void plugged(Mount.Builder builder, Source source, int unit) {
    DiskAddress disk = DiskAddress.newBuilder().setUnit(unit).build();
    switch (source) {
      case Source.ImageFiles image ->
          builder.setImage(
              ImageFiles.newBuilder()
                  .setDisk(disk)
                  .addAllLayerPartitions(partitions(image.layers()))
                  .setSubPath(image.subPath()));
      case Source.BlockDevice device -> builder.setBlockDevice(disk);
      case Source.HostPath host -> throw misplaced(source);
      case Source.Replica replica -> throw misplaced(source);
      case Source.Tmpfs tmpfs -> throw misplaced(source);
      case Source.PodFile file -> throw misplaced(source);
    }
  }

  private static void made(Mount.Builder builder, Source source) {
    switch (source) {
      case Source.Tmpfs tmpfs -> builder.setTmpfsBytes(tmpfs.sizeBytes());
      case Source.PodFile file ->
          builder.setPodFile(
              switch (file.kind()) {
                case HOSTS -> PodFile.POD_FILE_HOSTS;
                case RESOLV_CONF -> PodFile.POD_FILE_RESOLV_CONF;
                case HOSTNAME -> PodFile.POD_FILE_HOSTNAME;
              });
      case Source.HostPath host -> throw misplaced(source);
      case Source.Replica replica -> throw misplaced(source);
      case Source.ImageFiles image -> throw misplaced(source);
      case Source.BlockDevice device -> throw misplaced(source);
    }
  }

  private static IllegalArgumentException misplaced(Source source) {
    return new IllegalArgumentException("not what this mount is made of: " + source);
  }

  static UpdateContainerRequest of(String id, ContainerSpec.Resources resources, int oomScoreAdj) {
    return UpdateContainerRequest.newBuilder()
        .setContainerId(id)
        .setResources(resources(resources))
        .setOomScoreAdj(oomScoreAdj)
        .build();
  }

  private static Resources resources(ContainerSpec.Resources resources) {
    Resources.Builder builder = Resources.newBuilder();
    resources.cpuWeight().ifPresent(builder::setCpuWeight);
    resources.cpuQuotaMicros().ifPresent(builder::setCpuQuotaMicros);
    resources.cpuPeriodMicros().ifPresent(builder::setCpuPeriodMicros);
    resources.cpusetCpus().ifPresent(builder::setCpusetCpus);
    resources.memoryMaxBytes().ifPresent(builder::setMemoryMaxBytes);
    return builder.putAllUnified(resources.unified()).build();
  }
}
