package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.CheckpointContainerRequest;
import dev.hull.cri.v1.CheckpointPodRequest;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.HugepageLimit;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.NetworkConfig;
import dev.hull.cri.v1.RestorePodRequest;
import dev.hull.cri.v1.RuntimeConfig;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.UpdateContainerResourcesRequest;
import dev.hull.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.hull.cri.v1.UpdateRuntimeConfigRequest;
import dev.hull.cri.v1.WindowsContainerResources;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import io.grpc.Status;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits that are changed while pods run. */
final class ResourcesTest {
  private static final long MIB = 1L << 20;

  @TempDir Path folder;
  private TestDaemon daemon;
  private String pod;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
    pod = daemon.run("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private String limited(String name) {
    ContainerConfig config =
        daemon
            .container(name, "sleep")
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(
                        LinuxContainerResources.newBuilder()
                            .setCpuShares(512)
                            .setCpuPeriod(100_000)
                            .setCpuQuota(50_000)
                            .setMemoryLimitInBytes(100 * MIB)
                            .setOomScoreAdj(300)
                            .putUnified("memory.high", "1000")))
            .build();
    String id = daemon.create(pod, config);
    daemon.start(id);
    return id;
  }

  private void update(String id, LinuxContainerResources.Builder resources) {
    var _ =
        daemon
            .runtime()
            .updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(id)
                    .setLinux(resources)
                    .build());
  }

  private static LinuxContainerResources.Builder resources() {
    return LinuxContainerResources.newBuilder();
  }

  private GuestContainer guest(String id) {
    return daemon.machines().find(new MachineId(pod)).orElseThrow().container(id).orElseThrow();
  }

  private MachineSize size() {
    return daemon.machines().find(new MachineId(pod)).orElseThrow().size();
  }

  private LinuxContainerResources reported(String id) {
    return daemon.status(id).getResources().getLinux();
  }

  @Test
  void whatIsGivenChangesAndTheRestStays() {
    String id = limited("one");
    update(id, resources().setCpuQuota(70_000).putUnified("pids.max", "20"));
    ContainerSpec.Resources limits = guest(id).spec().resources();
    assertThat(limits.cpuQuotaMicros()).contains(70_000L);
    assertThat(limits.cpuWeight()).isPresent();
    assertThat(limits.memoryMaxBytes()).contains(100 * MIB);
    assertThat(limits.unified())
        .containsEntry("memory.high", "1000")
        .containsEntry("pids.max", "20");
    assertThat(guest(id).spec().program().oomScoreAdj()).isEqualTo(300);
    assertThat(reported(id).getCpuQuota()).isEqualTo(70_000);
    assertThat(reported(id).getCpuShares()).isEqualTo(512);
    assertThat(reported(id).getUnifiedMap()).hasSize(2);
    update(id, resources().setCpuQuota(-1).setOomScoreAdj(-5));
    assertThat(guest(id).spec().resources().cpuQuotaMicros()).isEmpty();
    assertThat(guest(id).spec().program().oomScoreAdj()).isEqualTo(-5);
  }

  @Test
  void theNextDaemonKnowsTheNewLimits() throws Exception {
    String id = limited("one");
    update(id, resources().setMemoryLimitInBytes(200 * MIB));
    daemon.restart();
    assertThat(reported(id).getMemoryLimitInBytes()).isEqualTo(200 * MIB);
    assertThat(reported(id).getCpuQuota()).isEqualTo(50_000);
  }

  @Test
  void cpuSetsOfTheHostAreAcceptedWithoutEffectAndReported() {
    String id = limited("one");
    update(id, resources().setCpusetCpus("0-3,7").setCpusetMems("0"));
    assertThat(guest(id).spec().resources().cpusetCpus()).isEmpty();
    assertThat(reported(id).getCpusetCpus()).isEqualTo("0-3,7");
    refused(
        () -> update(id, resources().setCpusetCpus("all")),
        Status.Code.INVALID_ARGUMENT,
        "linux.cpuset_cpus must be a list as in 0-3,7: all");
  }

  @Test
  void theMachineGrowsToTheLimitsOfItsContainers() {
    assertThat(size()).isEqualTo(new MachineSize(2, 512));
    String one = limited("one");
    limited("two");
    update(one, resources().setMemoryLimitInBytes(120 * MIB));
    assertThat(size()).isEqualTo(new MachineSize(2, 512));
    update(one, resources().setMemoryLimitInBytes(500 * MIB).setCpuQuota(300_000));
    assertThat(size()).isEqualTo(new MachineSize(4, 100 + 500 + 160));
    update(one, resources().setMemoryLimitInBytes(100 * MIB));
    assertThat(size()).as("it never shrinks").isEqualTo(new MachineSize(4, 760));
    refused(
        () -> update(one, resources().setMemoryLimitInBytes(100L << 30)),
        Status.Code.INVALID_ARGUMENT,
        "is the most");
    assertThat(reported(one).getMemoryLimitInBytes()).isEqualTo(100 * MIB);
  }

  @Test
  void whatTheGuestRefusesChangesNothing() {
    String id = limited("one");
    daemon
        .machines()
        .failNext(
            FakeMachines.Operation.UPDATE,
            new MachineException(
                MachineException.Kind.WRONG_STATE, "the container holds 90 bytes; give it more"));
    refused(
        () -> update(id, resources().setMemoryLimitInBytes(10)),
        Status.Code.FAILED_PRECONDITION,
        "holds 90 bytes");
    assertThat(reported(id).getMemoryLimitInBytes()).isEqualTo(100 * MIB);
  }

  @Test
  void whatCannotBeIsRefusedByItsField() {
    String id = limited("one");
    refused(
        () -> update(id, resources().setMemoryLimitInBytes(-5)),
        Status.Code.INVALID_ARGUMENT,
        "linux must not have negative limits");
    refused(
        () ->
            update(
                id,
                resources()
                    .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(1))),
        Status.Code.FAILED_PRECONDITION,
        "linux.hugepage_limits is refused");
    refused(
        () -> update(id, resources().putUnified("io.max", "1")),
        Status.Code.FAILED_PRECONDITION,
        "linux.unified is refused: io.max is not supported");
    refused(
        () ->
            daemon
                .runtime()
                .updateContainerResources(
                    UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(id)
                        .setWindows(WindowsContainerResources.getDefaultInstance())
                        .build()),
        Status.Code.FAILED_PRECONDITION,
        "windows is refused");
    refused(() -> update("abc", resources()), Status.Code.NOT_FOUND, "there is no container abc");
  }

  @Test
  void oneThatHasExitedHasNoLimitsToChange() {
    String id = daemon.started(pod, "one", "exit", "0");
    await().until(() -> daemon.status(id).getState() == ContainerState.CONTAINER_EXITED);
    refused(
        () -> update(id, resources().setCpuShares(5)),
        Status.Code.FAILED_PRECONDITION,
        "has exited");
  }

  @Test
  void aPodsNewLimitsGrowItsMachine() {
    updatePod(resources().setMemoryLimitInBytes(600 * MIB).setCpuQuota(250_000));
    assertThat(size()).isEqualTo(new MachineSize(3, 760));
    updatePod(resources().setMemoryLimitInBytes(100 * MIB));
    assertThat(size()).isEqualTo(new MachineSize(3, 760));
    refused(
        () -> updatePod(resources().setMemoryLimitInBytes(100L << 30)),
        Status.Code.INVALID_ARGUMENT,
        "is the most");
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    refused(() -> updatePod(resources()), Status.Code.FAILED_PRECONDITION, "it has stopped");
  }

  private void updatePod(LinuxContainerResources.Builder resources) {
    var _ =
        daemon
            .runtime()
            .updatePodSandboxResources(
                UpdatePodSandboxResourcesRequest.newBuilder()
                    .setPodSandboxId(pod)
                    .setResources(resources)
                    .build());
  }

  @Test
  void theRangeOfPodAddressesIsTakenAndNonsenseIsNot() {
    updateRange("10.1.0.0/24,fd00::/64");
    updateRange("");
    refused(() -> updateRange("ten"), Status.Code.INVALID_ARGUMENT, "pod_cidr must be ranges");
  }

  private void updateRange(String range) {
    var _ =
        daemon
            .runtime()
            .updateRuntimeConfig(
                UpdateRuntimeConfigRequest.newBuilder()
                    .setRuntimeConfig(
                        RuntimeConfig.newBuilder()
                            .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(range)))
                    .build());
  }

  @Test
  void checkpointsSayWhyThereAreNone() {
    String why = "a container cannot be saved apart from its machine";
    refused(
        () -> daemon.runtime().checkpointContainer(CheckpointContainerRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        why);
    refused(
        () -> daemon.runtime().checkpointPod(CheckpointPodRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        why);
    refused(
        () -> daemon.runtime().restorePod(RestorePodRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        why);
  }
}
