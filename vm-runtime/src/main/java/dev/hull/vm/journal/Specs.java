package dev.hull.vm.journal;

import com.google.protobuf.ByteString;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.ContainerSpec.Mount.Source.PodFile;
import dev.hull.vm.ContainerSpec.PidNamespace;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineSpec.PortMapping;
import dev.hull.vm.SystemCallFilter;
import dev.hull.vm.UserNamespace;
import dev.hull.vm.journal.v1.Bandwidth;
import dev.hull.vm.journal.v1.Device;
import dev.hull.vm.journal.v1.Dns;
import dev.hull.vm.journal.v1.IdRange;
import dev.hull.vm.journal.v1.ImageFiles;
import dev.hull.vm.journal.v1.Mount;
import dev.hull.vm.journal.v1.Program;
import dev.hull.vm.journal.v1.Resources;
import dev.hull.vm.journal.v1.Rlimit;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The specifications of machines and containers as the journal's messages. */
final class Specs {
  private Specs() {}

  static dev.hull.vm.journal.v1.MachineSpec encode(MachineSpec spec) {
    dev.hull.vm.journal.v1.MachineSpec.Builder builder =
        dev.hull.vm.journal.v1.MachineSpec.newBuilder()
            .setId(spec.id().value())
            .setPodName(spec.podName())
            .setPodNamespace(spec.podNamespace())
            .setPodUid(spec.podUid())
            .setHostname(spec.hostname())
            .setVcpus(spec.size().vcpus())
            .setMemoryMib(spec.size().memoryMib())
            .setDns(encode(spec.dns()))
            .addAllPortMappings(spec.portMappings().stream().map(Specs::encode).toList())
            .setBandwidth(encode(spec.bandwidth()))
            .putAllSysctls(spec.sysctls())
            .setScratchBytes(spec.scratchBytes());
    spec.users()
        .ifPresent(users -> builder.setUids(encode(users.uids())).setGids(encode(users.gids())));
    return builder.build();
  }

  private static IdRange encode(UserNamespace.Range ids) {
    return IdRange.newBuilder().setFirst(ids.first()).setLength(ids.length()).build();
  }

  private static UserNamespace.Range decode(IdRange ids) {
    return new UserNamespace.Range(ids.getFirst(), ids.getLength());
  }

  static MachineSpec decode(dev.hull.vm.journal.v1.MachineSpec spec) {
    return new MachineSpec(
        new MachineId(spec.getId()),
        spec.getPodName(),
        spec.getPodNamespace(),
        spec.getPodUid(),
        spec.getHostname(),
        new MachineSize(spec.getVcpus(), spec.getMemoryMib()),
        decode(spec.getDns()),
        spec.getPortMappingsList().stream().map(Specs::decode).toList(),
        decode(spec.getBandwidth()),
        spec.getSysctlsMap(),
        when(spec.hasUids(), spec)
            .map(its -> new UserNamespace(decode(its.getUids()), decode(its.getGids()))),
        spec.getScratchBytes());
  }

  static Dns encode(MachineSpec.Dns dns) {
    return Dns.newBuilder()
        .addAllServers(dns.servers())
        .addAllSearches(dns.searches())
        .addAllOptions(dns.options())
        .build();
  }

  static MachineSpec.Dns decode(Dns dns) {
    return new MachineSpec.Dns(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList());
  }

  private static dev.hull.vm.journal.v1.PortMapping encode(PortMapping mapping) {
    return dev.hull.vm.journal.v1.PortMapping.newBuilder()
        .setProtocol(mapping.protocol().name())
        .setContainerPort(mapping.containerPort())
        .setHostPort(mapping.hostPort())
        .setHostIp(mapping.hostIp())
        .build();
  }

  private static PortMapping decode(dev.hull.vm.journal.v1.PortMapping mapping) {
    return new PortMapping(
        PortMapping.Protocol.valueOf(mapping.getProtocol()),
        mapping.getContainerPort(),
        mapping.getHostPort(),
        mapping.getHostIp());
  }

  private static Bandwidth encode(MachineSpec.Bandwidth bandwidth) {
    Bandwidth.Builder builder = Bandwidth.newBuilder();
    bandwidth.ingress().ifPresent(builder::setIngressBits);
    bandwidth.egress().ifPresent(builder::setEgressBits);
    return builder.build();
  }

  private static MachineSpec.Bandwidth decode(Bandwidth bandwidth) {
    return new MachineSpec.Bandwidth(
        bandwidth.hasIngressBits()
            ? OptionalLong.of(bandwidth.getIngressBits())
            : OptionalLong.empty(),
        bandwidth.hasEgressBits()
            ? OptionalLong.of(bandwidth.getEgressBits())
            : OptionalLong.empty());
  }

  static dev.hull.vm.journal.v1.ContainerSpec encode(ContainerSpec spec) {
    return dev.hull.vm.journal.v1.ContainerSpec.newBuilder()
        .setId(spec.id())
        .addAllLayers(paths(spec.layers()))
        .setReadonlyRoot(spec.readonlyRoot())
        .setProgram(encode(spec.program()))
        .addAllMounts(spec.mounts().stream().map(Specs::encode).toList())
        .setResources(encode(spec.resources()))
        .setPrivileged(spec.privileged())
        .setPodPidNamespace(spec.pidNamespace() instanceof PidNamespace.Pod)
        .setPidNamespaceOf(
            spec.pidNamespace() instanceof PidNamespace.Of(String container) ? container : "")
        .addAllMaskedPaths(spec.maskedPaths())
        .addAllReadonlyPaths(spec.readonlyPaths())
        .addAllDevices(spec.devices().stream().map(Specs::encode).toList())
        .build();
  }

  static ContainerSpec decode(dev.hull.vm.journal.v1.ContainerSpec spec) {
    return new ContainerSpec(
        spec.getId(),
        files(spec.getLayersList()),
        spec.getReadonlyRoot(),
        decode(spec.getProgram()),
        spec.getMountsList().stream().map(Specs::decode).toList(),
        decode(spec.getResources()),
        spec.getPrivileged(),
        pidNamespace(spec),
        spec.getMaskedPathsList(),
        spec.getReadonlyPathsList(),
        spec.getDevicesList().stream().map(Specs::decode).toList());
  }

  private static PidNamespace pidNamespace(dev.hull.vm.journal.v1.ContainerSpec spec) {
    if (!spec.getPidNamespaceOf().isEmpty()) {
      return new PidNamespace.Of(spec.getPidNamespaceOf());
    }
    return spec.getPodPidNamespace() ? new PidNamespace.Pod() : new PidNamespace.Own();
  }

  private static Device encode(ContainerSpec.Device device) {
    return Device.newBuilder()
        .setGuestPath(device.guestPath())
        .setContainerPath(device.containerPath())
        .setRead(device.read())
        .setWrite(device.write())
        .build();
  }

  private static ContainerSpec.Device decode(Device device) {
    return new ContainerSpec.Device(
        device.getGuestPath(), device.getContainerPath(), device.getRead(), device.getWrite());
  }

  static List<String> paths(List<Path> files) {
    return files.stream().map(Path::toString).toList();
  }

  static List<Path> files(List<String> paths) {
    return paths.stream().map(Path::of).toList();
  }

  private static Program encode(ContainerSpec.Program program) {
    return Program.newBuilder()
        .addAllArgs(program.args())
        .addAllEnv(program.env())
        .setWorkingDir(program.workingDir())
        .setUser(program.user().name())
        .addAllSupplementalGroups(program.user().supplementalGroups())
        .setOnlyTheseGroups(program.user().onlyTheseGroups())
        .setTerminal(program.terminal())
        .setStdin(program.stdin())
        .addAllCapabilities(program.rights().capabilities())
        .addAllAmbientCapabilities(program.rights().ambientCapabilities())
        .setNoNewPrivileges(program.rights().noNewPrivileges())
        .setSeccompFilter(ByteString.copyFrom(program.rights().filter().program()))
        .addAllRlimits(
            program.rlimits().stream()
                .map(
                    limit ->
                        Rlimit.newBuilder()
                            .setName(limit.name())
                            .setSoft(limit.soft())
                            .setHard(limit.hard())
                            .build())
                .toList())
        .setOomScoreAdj(program.oomScoreAdj())
        .build();
  }

  private static ContainerSpec.Program decode(Program program) {
    return new ContainerSpec.Program(
        program.getArgsList(),
        program.getEnvList(),
        program.getWorkingDir(),
        new ContainerSpec.User(
            program.getUser(), program.getSupplementalGroupsList(), program.getOnlyTheseGroups()),
        program.getTerminal(),
        program.getStdin(),
        new ContainerSpec.Rights(
            program.getCapabilitiesList(),
            program.getAmbientCapabilitiesList(),
            program.getNoNewPrivileges(),
            new SystemCallFilter(program.getSeccompFilter().toByteArray())),
        program.getRlimitsList().stream()
            .map(
                limit ->
                    new ContainerSpec.Rlimit(limit.getName(), limit.getSoft(), limit.getHard()))
            .toList(),
        program.getOomScoreAdj());
  }

  private static Mount encode(ContainerSpec.Mount mount) {
    Mount.Builder builder =
        Mount.newBuilder()
            .setDestination(mount.destination())
            .setReadonly(mount.readonly())
            .setRecursiveReadonly(mount.access() == Access.READ_ONLY_RECURSIVE)
            .setHostToContainer(mount.hostToContainer())
            .setMapped(mount.mapped());
    switch (mount.source()) {
      case Source.HostPath host -> builder.setHostPath(host.path().toString());
      case Source.Replica replica -> builder.setReplica(replica.folder().toString());
      case Source.BlockDevice device -> builder.setBlockDevice(device.path().toString());
      case Source.ImageFiles image ->
          builder.setImage(
              ImageFiles.newBuilder()
                  .addAllLayers(paths(image.layers()))
                  .setSubPath(image.subPath()));
      case Source.Tmpfs tmpfs -> builder.setTmpfsBytes(tmpfs.sizeBytes());
      case PodFile file -> builder.setPodFile(file.kind().name());
    }
    return builder.build();
  }

  private static ContainerSpec.Mount decode(Mount mount) {
    Source source =
        switch (mount.getSourceCase()) {
          case HOST_PATH -> new Source.HostPath(Path.of(mount.getHostPath()));
          case REPLICA -> new Source.Replica(Path.of(mount.getReplica()));
          case BLOCK_DEVICE -> new Source.BlockDevice(Path.of(mount.getBlockDevice()));
          case IMAGE ->
              new Source.ImageFiles(
                  files(mount.getImage().getLayersList()), mount.getImage().getSubPath());
          case TMPFS_BYTES -> new Source.Tmpfs(mount.getTmpfsBytes());
          case POD_FILE -> new PodFile(PodFile.Kind.valueOf(mount.getPodFile()));
          case SOURCE_NOT_SET -> throw new IllegalArgumentException("a mount without a source");
        };
    return new ContainerSpec.Mount(
        source,
        mount.getDestination(),
        access(mount),
        mount.getHostToContainer(),
        mount.getMapped());
  }

  private static Access access(Mount mount) {
    if (mount.getRecursiveReadonly()) {
      return Access.READ_ONLY_RECURSIVE;
    }
    return mount.getReadonly() ? Access.READ_ONLY : Access.READ_WRITE;
  }

  static Resources encode(ContainerSpec.Resources resources) {
    Resources.Builder builder = Resources.newBuilder();
    resources.cpuWeight().ifPresent(builder::setCpuWeight);
    resources.cpuQuotaMicros().ifPresent(builder::setCpuQuotaMicros);
    resources.cpuPeriodMicros().ifPresent(builder::setCpuPeriodMicros);
    resources.cpusetCpus().ifPresent(builder::setCpusetCpus);
    resources.memoryMaxBytes().ifPresent(builder::setMemoryMaxBytes);
    return builder.putAllUnified(resources.unified()).build();
  }

  static ContainerSpec.Resources decode(Resources resources) {
    return new ContainerSpec.Resources(
        when(resources.hasCpuWeight(), resources.getCpuWeight()),
        when(resources.hasCpuQuotaMicros(), resources.getCpuQuotaMicros()),
        when(resources.hasCpuPeriodMicros(), resources.getCpuPeriodMicros()),
        when(resources.hasCpusetCpus(), resources.getCpusetCpus()),
        when(resources.hasMemoryMaxBytes(), resources.getMemoryMaxBytes()),
        resources.getUnifiedMap());
  }

  private static <T> Optional<T> when(boolean present, T value) {
    return present ? Optional.of(value) : Optional.empty();
  }
}
