package dev.hull.cri.bridge.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.daemon.FakeImages;
import dev.hull.cri.bridge.resources.ResourceLimits;
import dev.hull.cri.bridge.seccomp.SeccompProfiles;
import dev.hull.cri.v1.Capability;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.Device;
import dev.hull.cri.v1.HugepageLimit;
import dev.hull.cri.v1.IDMapping;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.Int64Value;
import dev.hull.cri.v1.KeyValue;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.MountPropagation;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.SELinuxOption;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.cri.v1.SecurityProfile.ProfileType;
import dev.hull.cri.v1.Signal;
import dev.hull.cri.v1.SupplementalGroupsPolicy;
import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.Images;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.ContainerSpec.PidNamespace;
import dev.hull.vm.ContainerSpec.User;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.SystemCallFilter;
import dev.hull.vm.UserNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ContainerSpecsTest {
  private static final String ID = "a".repeat(64);
  @TempDir Path folder;

  private final FakeImages images = new FakeImages();
  private final ContainerSpecs specs = new ContainerSpecs(false, images, new SeccompProfiles());

  @Test
  void aCommandReplacesTheEntrypointAndDropsTheCmd() {
    assertThat(args(List.of("/cmd"), List.of())).containsExactly("/cmd");
    assertThat(args(List.of("/cmd"), List.of("a"))).containsExactly("/cmd", "a");
    assertThat(args(List.of(), List.of("a"))).containsExactly("/entry", "a");
    assertThat(args(List.of(), List.of())).containsExactly("/entry", "image-cmd");
  }

  @Test
  void aContainerWithNothingToRunIsRefused() {
    assertThatThrownBy(
            () ->
                specs.spec(
                    ID,
                    config().build(),
                    image(List.of(""), List.of()),
                    pod(Optional.empty()),
                    new PidNamespace.Pod()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("config.command is empty");
  }

  @Test
  void theCallersEnvironmentGoesOverTheImagesAndThatOverTheDefaults() {
    ContainerConfig config =
        config().addEnvs(env("B", "mine")).addEnvs(env("C", "a=b")).setTty(true).build();
    assertThat(spec(config).program().env())
        .containsExactly(
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOSTNAME=web",
            "TERM=xterm",
            "A=image",
            "B=mine",
            "C=a=b");
    refused(c -> c.addEnvs(env("A=B", "x")), "must not have '=' in it");
    refused(
        c ->
            c.addEnvs(
                KeyValue.newBuilder().setKey("X").setValue(ByteString.copyFrom(new byte[] {-1}))),
        "the value of X is not UTF-8");
  }

  @Test
  void theUserIsTheCallersOrElseTheImages() {
    assertThat(user(s -> s)).isEqualTo(new User("www-data", List.of(), false));
    assertThat(user(s -> s.setRunAsUser(value(7)).setRunAsGroup(value(8))).name()).isEqualTo("7:8");
    assertThat(user(s -> s.setRunAsUsername("adm")).name()).isEqualTo("adm");
    assertThat(
            user(
                s ->
                    s.addSupplementalGroups(5)
                        .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)))
        .isEqualTo(new User("www-data", List.of(5), true));
    refusedSecurity(s -> s.addSupplementalGroups(-1), "supplemental_groups must be from 0");
    refusedSecurity(s -> s.setRunAsGroup(value(8)), "run_as_group is given without run_as_user");
    refusedSecurity(s -> s.setRunAsUser(value(1)).setRunAsUsername("adm"), "exclude each other");
    refusedSecurity(s -> s.setRunAsUser(value(-1)), "run_as_user must be from 0");
  }

  private User user(
      java.util.function.UnaryOperator<LinuxContainerSecurityContext.Builder> change) {
    return secured(change).program().user();
  }

  @Test
  void capabilitiesAreDockersPlusAddedLessDropped() {
    assertThat(secured(s -> s).program().rights().capabilities())
        .hasSize(14)
        .contains("CHOWN", "AUDIT_WRITE")
        .doesNotContain("SYS_ADMIN");
    assertThat(
            secured(
                    s ->
                        s.setCapabilities(
                            Capability.newBuilder()
                                .addDropCapabilities("ALL")
                                .addAddCapabilities("CAP_NET_ADMIN")))
                .program()
                .rights()
                .capabilities())
        .containsExactly("NET_ADMIN");
    assertThat(
            secured(
                    s ->
                        s.setCapabilities(
                            Capability.newBuilder()
                                .addAddCapabilities("ALL")
                                .addDropCapabilities("sys_admin")))
                .program()
                .rights()
                .capabilities())
        .hasSize(Capabilities.EVERY.size() - 1)
        .doesNotContain("SYS_ADMIN");
    assertThat(
            secured(
                    s ->
                        s.setCapabilities(
                            Capability.newBuilder().addAddAmbientCapabilities("SYS_NICE")))
                .program()
                .rights()
                .ambientCapabilities())
        .containsExactly("SYS_NICE");
    refusedSecurity(
        s -> s.setCapabilities(Capability.newBuilder().addAddCapabilities("FLY")),
        "there is no capability FLY");
  }

  @Test
  void privilegedMeansEverythingAndTheSandboxMustKnow() {
    refusedSecurity(s -> s.setPrivileged(true), "set it in the sandbox's security_context too");
    ContainerSpec spec = secured(s -> s.setPrivileged(true));
    assertThat(spec.privileged()).isTrue();
    assertThat(spec.program().rights().capabilities()).isEqualTo(Capabilities.EVERY);
    assertThat(spec.maskedPaths()).isEmpty();
    assertThat(spec.readonlyPaths()).isEmpty();
  }

  @Test
  void pathsAreHiddenByDefault() {
    assertThat(secured(s -> s).maskedPaths()).contains("/proc/kcore", "/sys/firmware");
    assertThat(secured(s -> s).readonlyPaths()).contains("/proc/sys");
    assertThat(secured(s -> s.addMaskedPaths("/x")).maskedPaths()).containsExactly("/x");
  }

  @Test
  void inAPodWithUsersOfItsOwnOnlyThosePathsAreHiddenThatAreNamed() {
    UserNamespace.Range range = new UserNamespace.Range(65536, 65536);
    Optional<UserNamespace> users = Optional.of(new UserNamespace(range, range));
    ContainerSpec unmasked = spec(config().build(), users);
    assertThat(unmasked.maskedPaths()).isEmpty();
    assertThat(unmasked.readonlyPaths()).isEmpty();
    ContainerSpec named = spec(security(s -> s.addMaskedPaths("/x").addReadonlyPaths("/y")), users);
    assertThat(named.maskedPaths()).containsExactly("/x");
    assertThat(named.readonlyPaths()).containsExactly("/y");
  }

  @Test
  void mountsFollowLinksAndKeepTheirOrder() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    ContainerSpec spec =
        spec(
            config()
                .addMounts(
                    Mount.newBuilder()
                        .setHostPath(link.toString())
                        .setContainerPath("/data/")
                        .setReadonly(true)
                        .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER))
                .addMounts(
                    Mount.newBuilder().setHostPath(real.toString()).setContainerPath("/etc/hosts"))
                .build());
    assertThat(spec.mounts())
        .startsWith(
            new ContainerSpec.Mount(
                new Source.HostPath(real.toRealPath()), "/data", Access.READ_ONLY, true))
        .extracting(ContainerSpec.Mount::destination)
        .containsExactly("/data", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf");
  }

  @Test
  void readOnlyMountsAreRecursivelySoOnlyIfThatIsAsked() {
    assertThat(mounted(m -> m).access()).isEqualTo(Access.READ_WRITE);
    assertThat(mounted(m -> m.setReadonly(true)).access()).isEqualTo(Access.READ_ONLY);
    assertThat(mounted(m -> m.setReadonly(true).setRecursiveReadOnly(true)).access())
        .isEqualTo(Access.READ_ONLY_RECURSIVE);
  }

  @Test
  void aFolderThatIsReplacedAsAWholeIsCopiedUnlessItIsToBeWritten() throws Exception {
    Files.createDirectory(folder.resolve("..1"));
    Files.writeString(folder.resolve("..1/key"), "value");
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
    Files.createSymbolicLink(folder.resolve("key"), Path.of("..data/key"));
    assertThat(mounted(m -> m.setReadonly(true)).source())
        .isEqualTo(new Source.Replica(folder.toRealPath()));
    assertThat(mounted(m -> m).source()).isEqualTo(new Source.HostPath(folder.toRealPath()));
    assertThat(mounted(m -> m.setReadonly(true).setHostPath(folder + "/key")).source())
        .as("a single file of it, as a subPath is")
        .isEqualTo(new Source.HostPath(folder.toRealPath().resolve("..1/key")));
  }

  @Test
  void anImagesFilesAreMountedByItsNameOrIdAndSubPath() {
    images.offer("data", image(List.of(), List.of()).config());
    Image data = images.pull("data", Images.Credentials.NONE, Images.Progress.SILENT);
    for (String name : List.of("data", data.id().value())) {
      assertThat(mounted(m -> ofImage(m, name).setImageSubPath("etc/./ssl/")).source())
          .isEqualTo(new Source.ImageFiles(List.of(data.layers().getFirst().erofs()), "etc/ssl"));
    }
    assertThat(mounted(m -> ofImage(m, "data")).source())
        .isEqualTo(new Source.ImageFiles(List.of(data.layers().getFirst().erofs()), ""));
  }

  private ContainerSpec.Mount mounted(java.util.function.UnaryOperator<Mount.Builder> change) {
    Mount.Builder mount =
        Mount.newBuilder().setHostPath(folder.toString()).setContainerPath("/data");
    return spec(config().addMounts(change.apply(mount)).build()).mounts().getFirst();
  }

  private static Mount.Builder ofImage(Mount.Builder mount, String image) {
    return mount.clearHostPath().setReadonly(true).setImage(named(image));
  }

  private static ImageSpec named(String image) {
    return ImageSpec.newBuilder().setImage(image).build();
  }

  @Test
  void mountsThatCannotBeAreRefusedByTheirField() {
    String here = folder.toString();
    refusedMount(m -> m.setHostPath(here + "/nowhere"), "host_path does not exist on this host");
    refusedMount(m -> m.setHostPath("relative"), "host_path must be an absolute path");
    refusedMount(m -> m.setContainerPath("/"), "container_path must not be the root");
    refusedMount(
        m -> m.setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL),
        "what a guest mounts cannot appear on the host");
    refusedMount(
        m -> m.setRecursiveReadOnly(true), "recursive_read_only is set without readonly; set both");
    for (MountPropagation propagation :
        List.of(
            MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
            MountPropagation.PROPAGATION_BIDIRECTIONAL)) {
      refusedMount(
          m -> m.setReadonly(true).setRecursiveReadOnly(true).setPropagation(propagation),
          "propagation");
    }
    refusedMount(m -> m.addMountOptions("noexec"), "mount_options is refused");
    refusedMount(m -> m.setImage(named("x")), "image and host_path exclude each other");
    refusedMount(m -> m.setImageSubPath("a"), "image_sub_path is set without image");
    refusedMount(m -> ofImage(m, "x"), "image x is not here; pull it first");
    refusedMount(
        m -> ofImage(m, "x").setReadonly(false),
        "image is set without readonly, and no image can be written to; set both");
    for (String leaving : List.of("/etc", "etc/../../..", "..", "a\0b")) {
      refusedMount(
          m -> ofImage(m, "x").setImageSubPath(leaving),
          "image_sub_path must be relative and stay in the image");
    }
    refusedMount(m -> m.addUidMappings(IDMapping.getDefaultInstance()), "uidMappings is refused");
    refusedMount(
        m -> m.addUidMappings(mapping(65536)).addGidMappings(mapping(65536)),
        "uidMappings is refused: with gidMappings it must be what the pod's user namespace has");
  }

  private static IDMapping mapping(int first) {
    return IDMapping.newBuilder().setHostId(first).setLength(65536).build();
  }

  @Test
  void aVolumeIsMappedByThePodsUserNamespaceIfAskedTo() {
    UserNamespace users =
        new UserNamespace(
            new UserNamespace.Range(65536, 65536), new UserNamespace.Range(131072, 65536));
    ContainerConfig config =
        config()
            .addMounts(
                Mount.newBuilder()
                    .setContainerPath("/mapped")
                    .setHostPath("/etc")
                    .addUidMappings(mapping(65536))
                    .addGidMappings(mapping(131072)))
            .addMounts(Mount.newBuilder().setContainerPath("/plain").setHostPath("/etc"))
            .build();
    assertThat(spec(config, Optional.of(users)).mounts())
        .filteredOn(mount -> mount.source() instanceof Source.HostPath)
        .extracting(ContainerSpec.Mount::mapped)
        .containsExactly(true, false);
  }

  @Test
  void whatThisRuntimeDoesNotGiveIsRefusedByItsField() {
    refused(
        c -> c.addCDIDevices(dev.hull.cri.v1.CDIDevice.getDefaultInstance()), "config.CDI_devices");
    refusedSecurity(
        s -> s.setSelinuxOptions(SELinuxOption.newBuilder().setType("t")), "selinux_options");
    refusedSecurity(
        s -> s.setApparmor(SecurityProfile.newBuilder().setProfileType(ProfileType.Localhost)),
        "security_context.apparmor");
    refusedResources(
        r -> r.addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(1)),
        "hugepage_limits");
    refusedResources(r -> r.putUnified("io.max", "1"), "io.max is not supported");
    refusedResources(r -> r.putUnified("../memory.max", "1"), "../memory.max is not supported");
    refusedResources(r -> r.setOomScoreAdj(2000), "oom_score_adj must be from -1000 to 1000");
  }

  @Test
  void systemCallsAreFilteredIfAskedAndNeverIfPrivileged() {
    SecurityProfile ofRuntime =
        SecurityProfile.newBuilder().setProfileType(ProfileType.RuntimeDefault).build();
    assertThat(secured(s -> s).program().rights().filter()).isEqualTo(SystemCallFilter.NONE);
    assertThat(secured(s -> s.setSeccomp(ofRuntime)).program().rights().filter().isEmpty())
        .isFalse();
    assertThat(
            secured(s -> s.setSeccomp(ofRuntime).setPrivileged(true)).program().rights().filter())
        .isEqualTo(SystemCallFilter.NONE);
  }

  @Test
  void devicesThatMachinesHaveAreGivenAndTheHostsAreNot() {
    Device fuse =
        Device.newBuilder()
            .setHostPath("/dev/fuse")
            .setContainerPath("/dev/fuse")
            .setPermissions("rwm")
            .build();
    assertThat(spec(config().addDevices(fuse).build()).devices())
        .containsExactly(new ContainerSpec.Device("/dev/fuse", "/dev/fuse", true, true));
    refused(
        c -> c.addDevices(fuse.toBuilder().setHostPath("/dev/tty1")),
        "config.devices[0].host_path is refused: /dev/tty1 is the host's");
    refused(
        c -> c.addDevices(fuse).addDevices(fuse.toBuilder().setPermissions("x")),
        "config.devices[1].permissions must be of r, w and m");
    refused(
        c -> c.addDevices(fuse.toBuilder().setContainerPath("fuse")),
        "config.devices[0].container_path must be an absolute path");
  }

  @Test
  void defaultsThatMeanNothingAreAccepted() {
    secured(
        s -> s.setApparmor(SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined)));
    resources(r -> r.addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB")));
  }

  @Test
  void limitsBecomeThoseOfCgroupTwo() {
    var limits =
        resources(
                r ->
                    r.setCpuShares(1024)
                        .setCpuQuota(50_000)
                        .setMemoryLimitInBytes(64 << 20)
                        .setMemorySwapLimitInBytes(64 << 20)
                        .putUnified("pids.max", "20"))
            .resources();
    assertThat(limits)
        .isEqualTo(
            new ContainerSpec.Resources(
                Optional.of(100),
                Optional.of(50_000L),
                Optional.of(100_000L),
                Optional.empty(),
                Optional.of(64L << 20),
                Map.of("pids.max", "20")));
    assertThat(resources(r -> r.setCpuQuota(-1)).resources())
        .isEqualTo(ContainerSpec.Resources.UNLIMITED);
    assertThat(ResourceLimits.weight(2)).isEqualTo(1);
    assertThat(ResourceLimits.weight(262_144)).isEqualTo(10_000);
  }

  @Test
  void whatAKubeletWithMemoryQualityOfServiceSendsReachesTheGuest() {
    assertThat(
            resources(
                    r ->
                        r.putUnified("memory.oom.group", "1")
                            .putUnified("memory.min", "1048576")
                            .putUnified("memory.low", "0")
                            .putUnified("memory.high", "max")
                            .putUnified("memory.swap.max", "0")
                            .putUnified("cpu.weight", "100")
                            .putUnified("cpu.max", "50000 100000"))
                .resources()
                .unified())
        .containsOnly(
            Map.entry("memory.oom.group", "1"),
            Map.entry("memory.min", "1048576"),
            Map.entry("memory.low", "0"),
            Map.entry("memory.high", "max"),
            Map.entry("cpu.weight", "100"),
            Map.entry("cpu.max", "50000 100000"));
  }

  @ParameterizedTest
  @CsvSource({
    "memory.oom.group, 2",
    "memory.high, -1",
    "memory.min, 1M",
    "memory.max, 99999999999999999999",
    "cpu.weight, 10001",
    "cpu.weight, 0",
    "cpu.max, 10",
    "cpu.max, 50000 100000 1",
    "pids.max, 0"
  })
  void aLimitThatIsNoneIsRefusedByItsName(String file, String value) {
    refusedResources(r -> r.putUnified(file, value), "unified: " + file + " must be");
  }

  @Test
  void signalsHaveTheNumbersOfLinux() {
    assertThat(Signals.stopSignal(Signal.SIGNAL_RUNTIME_DEFAULT, Optional.empty())).isEqualTo(15);
    assertThat(Signals.stopSignal(Signal.SIGNAL_RUNTIME_DEFAULT, Optional.of("SIGQUIT")))
        .isEqualTo(3);
    assertThat(Signals.stopSignal(Signal.SIGNAL_RUNTIME_DEFAULT, Optional.of("37"))).isEqualTo(37);
    assertThat(Signals.stopSignal(Signal.SIGNAL_SIGUSR1, Optional.of("SIGQUIT"))).isEqualTo(10);
    assertThat(Signals.stopSignal(Signal.SIGNAL_SIGRTMAXMINUS14, Optional.empty())).isEqualTo(50);
    for (Signal signal : Signal.values()) {
      if (signal != Signal.UNRECOGNIZED) {
        assertThat(Signals.stopSignal(signal, Optional.empty())).isBetween(1, 64);
      }
    }
    assertThatThrownBy(() -> Signals.stopSignal(Signal.SIGNAL_RUNTIME_DEFAULT, Optional.of("SIGX")))
        .hasMessageContaining("the image's StopSignal is no signal: SIGX");
  }

  private List<String> args(List<String> command, List<String> args) {
    return spec(config().addAllCommand(command).addAllArgs(args).build()).program().args();
  }

  private static ContainerConfig.Builder config() {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("one"))
        .setImage(ImageSpec.newBuilder().setImage("debian"));
  }

  private static MachineSpec pod(Optional<UserNamespace> users) {
    return new MachineSpec(
        MachineId.random(new SecureRandom()),
        "web",
        "default",
        "uid",
        "web",
        new MachineSize(1, 256),
        MachineSpec.Dns.NONE,
        List.of(),
        MachineSpec.Bandwidth.UNBOUNDED,
        Map.of(),
        users,
        1 << 20);
  }

  private ContainerSpec spec(ContainerConfig config) {
    return spec(config, Optional.empty());
  }

  private ContainerSpec spec(ContainerConfig config, Optional<UserNamespace> users) {
    return specs.spec(
        ID,
        config,
        image(List.of("/entry"), List.of("image-cmd")),
        pod(users),
        new PidNamespace.Pod());
  }

  private ContainerSpec secured(
      java.util.function.UnaryOperator<LinuxContainerSecurityContext.Builder> change) {
    return spec(security(change));
  }

  private static ContainerConfig security(
      java.util.function.UnaryOperator<LinuxContainerSecurityContext.Builder> change) {
    return config()
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(change.apply(LinuxContainerSecurityContext.newBuilder())))
        .build();
  }

  private static ContainerConfig limited(Consumer<LinuxContainerResources.Builder> change) {
    LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder();
    change.accept(resources);
    return config().setLinux(LinuxContainerConfig.newBuilder().setResources(resources)).build();
  }

  private ContainerSpec resources(Consumer<LinuxContainerResources.Builder> change) {
    ContainerConfig config = limited(change);
    ContainerFields.check(config, PodSandboxConfig.getDefaultInstance());
    return spec(config);
  }

  private void refused(ContainerConfig config, String says) {
    assertThatThrownBy(
            () -> {
              ContainerFields.check(config, PodSandboxConfig.getDefaultInstance());
              spec(config);
            })
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(says);
  }

  private void refused(Consumer<ContainerConfig.Builder> change, String says) {
    ContainerConfig.Builder config = config();
    change.accept(config);
    refused(config.build(), says);
  }

  private void refusedSecurity(
      java.util.function.UnaryOperator<LinuxContainerSecurityContext.Builder> change, String says) {
    refused(security(change), says);
  }

  private void refusedResources(Consumer<LinuxContainerResources.Builder> change, String says) {
    refused(limited(change), says);
  }

  private void refusedMount(Consumer<Mount.Builder> change, String says) {
    Mount.Builder mount =
        Mount.newBuilder().setHostPath(folder.toString()).setContainerPath("/data");
    change.accept(mount);
    refused(config().addMounts(mount).build(), "config.mounts[0].");
    refused(config().addMounts(mount).build(), says);
  }

  private static KeyValue env(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value)).build();
  }

  private static Int64Value value(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }

  private static Image image(List<String> entrypoint, List<String> cmd) {
    return new Image(
        new Digest("sha256:" + ID),
        List.of(),
        List.of(),
        1,
        new Image.Config(
            "www-data",
            List.of("A=image", "B=image"),
            entrypoint,
            cmd,
            "",
            Optional.empty(),
            List.of(),
            List.of(),
            Map.of()),
        List.of());
  }
}
