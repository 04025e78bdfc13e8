package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.Capabilities;
import dev.hull.guest.v1.CreateContainerRequest;
import dev.hull.guest.v1.Device;
import dev.hull.guest.v1.DiskAddress;
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
import java.util.List;

/** A container's specification in the words of the agent's protocol. */
final class ContainerRequest {
  private ContainerRequest() {}

  /**
   * @param sharePaths for each mount its path below the share; ignored for those that are no volume
   */
  static CreateContainerRequest of(ContainerSpec spec, int unit, List<String> sharePaths) {
    RootFilesystem.Builder root =
        RootFilesystem.newBuilder()
            .setDisk(DiskAddress.newBuilder().setUnit(unit))
            .setReadonly(spec.readonlyRoot());
    for (int partition = 1; partition <= spec.layers().size(); partition++) {
      root.addLayerPartitions(partition);
    }
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
      builder.addMounts(mount(spec.mounts().get(i), sharePaths.get(i)));
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

  private static Mount mount(ContainerSpec.Mount mount, String sharePath) {
    Mount.Builder builder =
        Mount.newBuilder()
            .setDestination(mount.destination())
            .setReadonly(mount.readonly())
            .setHostToContainer(mount.hostToContainer());
    switch (mount.source()) {
      case Source.HostPath host -> builder.setSharePath(sharePath);
      case Source.Tmpfs tmpfs -> builder.setTmpfsBytes(tmpfs.sizeBytes());
      case Source.PodFile file ->
          builder.setPodFile(
              switch (file.kind()) {
                case HOSTS -> PodFile.POD_FILE_HOSTS;
                case RESOLV_CONF -> PodFile.POD_FILE_RESOLV_CONF;
                case HOSTNAME -> PodFile.POD_FILE_HOSTNAME;
              });
    }
    return builder.build();
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
