package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.hull.cri.v1.DNSConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.LinuxSandboxSecurityContext;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxFilter;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.PodSandboxStateValue;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSpec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SandboxTest {
  @TempDir Path folder;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void whatIsNotThereHasNoStatusButCanBeStoppedAndRemoved() {
    refused(() -> status("abc"), Status.Code.NOT_FOUND, "there is no pod sandbox abc");
    stop("abc");
    remove("abc");
  }

  @Test
  void theSameMetadataTwiceIsRefusedUntilTheFirstIsRemoved() {
    String first = daemon.run("web");
    refused(() -> daemon.run("web"), Status.Code.ALREADY_EXISTS, first);
    stop(first);
    refused(() -> daemon.run("web"), Status.Code.ALREADY_EXISTS, "remove it first");
    remove(first);
    assertThat(daemon.run("web")).isNotEqualTo(first);
  }

  @Test
  void aFailedStartGivesTheNameBackAndSaysWhy() {
    daemon
        .machines()
        .failNext(
            FakeMachines.Operation.START,
            new MachineException(
                MachineException.Kind.EXHAUSTED, "512 MiB do not fit: 100 MiB are free"));
    refused(
        () -> daemon.run("web"),
        Status.Code.RESOURCE_EXHAUSTED,
        "512 MiB do not fit: 100 MiB are free");
    daemon.run("web");
  }

  @Test
  void anUnknownHandlerIsRefusedAndOursIsShown() {
    refused(
        () ->
            daemon
                .runtime()
                .runPodSandbox(
                    RunPodSandboxRequest.newBuilder()
                        .setConfig(daemon.pod("web"))
                        .setRuntimeHandler("runc")
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "there is no runtime handler runc");
    String id =
        daemon
            .runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(daemon.pod("web"))
                    .setRuntimeHandler("hull")
                    .build())
            .getPodSandboxId();
    assertThat(status(id).getStatus().getRuntimeHandler()).isEqualTo("hull");
  }

  @Test
  void theHostsNetworkIsRefusedByTheNameOfItsField() {
    PodSandboxConfig config =
        secured(
            LinuxSandboxSecurityContext.newBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE)));
    refused(
        () -> daemon.run(config),
        Status.Code.FAILED_PRECONDITION,
        "config.linux.security_context.namespace_options.network is refused");
  }

  @Test
  void kernelParametersThatAreNoPodsAreRefused() {
    for (String name : List.of("vm.swappiness", "kernel.panic", "net", "net..x", "fs.mqueue")) {
      PodSandboxConfig.Builder config = daemon.pod("web");
      config.getLinuxBuilder().putSysctls(name, "1");
      refused(
          () -> daemon.run(config.build()),
          Status.Code.FAILED_PRECONDITION,
          "config.linux.sysctls is refused: " + name + " is none that a pod can set");
    }
    PodSandboxConfig.Builder lines = daemon.pod("lines");
    lines.getLinuxBuilder().putSysctls("net/core/somaxconn", "1\n2");
    refused(
        () -> daemon.run(lines.build()), Status.Code.INVALID_ARGUMENT, "must be one line of text");
  }

  @Test
  void profilesOfItsOwnProcessAreNothingToIt() {
    SecurityProfile local =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.Localhost)
            .setLocalhostRef("/somewhere")
            .build();
    daemon.run(secured(LinuxSandboxSecurityContext.newBuilder().setSeccomp(local)));
    refused(
        () -> daemon.run(secured(LinuxSandboxSecurityContext.newBuilder().setApparmor(local))),
        Status.Code.FAILED_PRECONDITION,
        "config.linux.security_context.apparmor is refused");
  }

  @Test
  void anIncompleteNameIsRefused() {
    PodSandboxConfig.Builder config = daemon.pod("web");
    config.getMetadataBuilder().clearUid();
    refused(
        () -> daemon.run(config.build()),
        Status.Code.INVALID_ARGUMENT,
        "config.metadata.uid must not be empty");
  }

  @Test
  void statusTellsWhatWasAskedForAndTheTimeline() {
    String id = daemon.run("web");
    PodSandboxStatusResponse response = status(id);
    assertThat(response.getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(response.getStatus().getMetadata().getName()).isEqualTo("web");
    assertThat(response.getStatus().getAnnotationsMap()).containsEntry("note", "kept");
    assertThat(response.getStatus().getNetwork().getIp()).isEqualTo("10.99.0.1");
    assertThat(response.getStatus().getCreatedAt()).isPositive();
    var info = JsonParser.parseString(response.getInfoOrThrow("hull")).getAsJsonObject();
    assertThat(info.getAsJsonArray("timeline").get(1).getAsJsonObject().get("name").getAsString())
        .isEqualTo("domain");
    assertThat(info.getAsJsonObject("machine").get("memoryMib").getAsInt()).isEqualTo(512);
  }

  @Test
  void aDeadMachineIsNotReadyAndSaysWhy() {
    String id = daemon.run("web");
    daemon.machines().kill(new MachineId(id), "QEMU was killed");
    assertThat(status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(status(id).getInfoOrThrow("hull")).contains("QEMU was killed");
    stop(id);
    remove(id);
    daemon.machines().checkNothingLeaked();
  }

  @Test
  void stopAndRemoveMayBeRepeated() {
    String id = daemon.run("web");
    stop(id);
    stop(id);
    assertThat(status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(status(id).getStatus().getNetwork().getIp()).isEmpty();
    remove(id);
    remove(id);
    daemon.machines().checkNothingLeaked();
  }

  @Test
  void aStopThatFailsCanBeCalledAgain() {
    String id = daemon.run("web");
    daemon
        .machines()
        .failNext(
            FakeMachines.Operation.STOP,
            new MachineException(MachineException.Kind.DEADLINE, "the domain does not end"));
    refused(() -> stop(id), Status.Code.DEADLINE_EXCEEDED, "the domain does not end");
    stop(id);
  }

  @Test
  void removingRunningPodsEndsThemAndTheirContainers() {
    String id = daemon.run("web");
    daemon.started(id, "one", "sleep");
    daemon.create(id, "two", "sleep");
    remove(id);
    assertThat(daemon.images().pins()).isEmpty();
    assertThat(folder.resolve("root/containers")).isEmptyDirectory();
    daemon.machines().checkNothingLeaked();
  }

  @Test
  void listsByStateLabelsAndPartOfTheId() {
    String web = daemon.run("web");
    String db = daemon.run("db");
    stop(db);
    assertThat(list(PodSandboxFilter.newBuilder())).containsExactly(web, db);
    assertThat(
            list(
                PodSandboxFilter.newBuilder()
                    .setState(
                        PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY))))
        .containsExactly(web);
    assertThat(list(PodSandboxFilter.newBuilder().putLabelSelector("app", "db")))
        .containsExactly(db);
    assertThat(list(PodSandboxFilter.newBuilder().setId(web.substring(0, 13))))
        .containsExactly(web);
    assertThat(list(PodSandboxFilter.newBuilder().setId(web).putLabelSelector("app", "db")))
        .isEmpty();
    assertThat(status(web.substring(0, 13)).getStatus().getId()).isEqualTo(web);
  }

  @Test
  void theMachineFitsThePodsLimits() {
    PodSandboxConfig config =
        daemon
            .pod("web")
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setResources(
                        LinuxContainerResources.newBuilder()
                            .setCpuPeriod(100_000)
                            .setCpuQuota(250_000)
                            .setMemoryLimitInBytes(300L << 20))
                    .putSysctls("net.ipv4.ip_unprivileged_port_start", "0"))
            .setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10").addSearches("svc.local"))
            .build();
    MachineSpec spec = spec(daemon.run(config));
    assertThat(spec.size().vcpus()).isEqualTo(3);
    assertThat(spec.size().memoryMib()).isEqualTo(460);
    assertThat(spec.dns())
        .isEqualTo(new MachineSpec.Dns(List.of("10.0.0.10"), List.of("svc.local"), List.of()));
    assertThat(spec.sysctls()).containsEntry("net.ipv4.ip_unprivileged_port_start", "0");
  }

  @Test
  void portsWithoutAHostPortAreNotMapped() {
    PodSandboxConfig.Builder config = daemon.pod("web");
    config.addPortMappingsBuilder().setContainerPort(80);
    config.addPortMappingsBuilder().setContainerPort(80).setHostPort(8080);
    assertThat(spec(daemon.run(config.build())).portMappings())
        .containsExactly(
            new MachineSpec.PortMapping(MachineSpec.PortMapping.Protocol.TCP, 80, 8080, ""));
    PodSandboxConfig.Builder bad = daemon.pod("bad");
    bad.addPortMappingsBuilder().setContainerPort(80).setHostPort(70000);
    refused(
        () -> daemon.run(bad.build()),
        Status.Code.INVALID_ARGUMENT,
        "config.port_mappings.host_port must be from 1 to 65535: 70000");
  }

  @Test
  void annotationsBoundThePodsBandwidth() {
    PodSandboxConfig.Builder config =
        daemon.pod("web").putAnnotations("kubernetes.io/egress-bandwidth", "10M");
    assertThat(spec(daemon.run(config.build())).bandwidth())
        .isEqualTo(new MachineSpec.Bandwidth(OptionalLong.empty(), OptionalLong.of(10_000_000)));
    PodSandboxConfig.Builder bad =
        daemon.pod("bad").putAnnotations("kubernetes.io/ingress-bandwidth", "fast");
    refused(
        () -> daemon.run(bad.build()),
        Status.Code.INVALID_ARGUMENT,
        "config.annotations[kubernetes.io/ingress-bandwidth] must be bits per second between 1k and 1P, such as 10M, not fast");
  }

  private PodSandboxConfig secured(LinuxSandboxSecurityContext.Builder security) {
    return daemon
        .pod("web")
        .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security))
        .build();
  }

  private MachineSpec spec(String id) {
    return daemon.machines().find(new MachineId(id)).orElseThrow().spec();
  }

  private List<String> list(PodSandboxFilter.Builder filter) {
    return daemon
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  private PodSandboxStatusResponse status(String id) {
    return daemon
        .runtime()
        .podSandboxStatus(
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build());
  }

  private void stop(String id) {
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  private void remove(String id) {
    var _ =
        daemon
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  static void refused(ThrowingCallable call, Status.Code code, String says) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .hasMessageContaining(says);
  }
}
