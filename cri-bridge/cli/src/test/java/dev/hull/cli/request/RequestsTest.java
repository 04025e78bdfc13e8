package dev.hull.cli.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cli.config.Facts;
import dev.hull.cli.kubelet.FakeMounts;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.objects.ManifestObjects;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.QosClass;
import dev.hull.cli.volume.PodVolumes;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.DNSConfig;
import dev.hull.cri.v1.IDMapping;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.Signal;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CRI is told, by what the manifest says. */
final class RequestsTest {
  private static final Facts FACTS =
      new Facts(
          "u1",
          "node",
          List.of(),
          List.of("10.0.0.2"),
          BigDecimal.TWO,
          BigDecimal.valueOf(8L << 30));
  private static final DNSConfig HOST =
      DNSConfig.newBuilder()
          .addServers("9.9.9.9")
          .addSearches("home")
          .addOptions("ndots:5")
          .build();

  @TempDir private Path root;

  private static Manifest manifest(String spec) throws Exception {
    return Manifest.parse(
        "p",
        """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": %s}
        """
            .formatted(spec));
  }

  private static Pod pod(String spec) throws Exception {
    return ((Document.OfPod) manifest(spec).documents().getFirst()).pod();
  }

  private PodSandboxConfig sandbox(String spec) throws Exception {
    return SandboxRequests.of(pod(spec), "u1", 0, PodFolder.of(root, "u1", new FakeMounts()), HOST);
  }

  private ContainerConfig container(String spec) throws Exception {
    FakeMounts mounts = new FakeMounts();
    PodFolder folder = PodFolder.of(root, "u1", mounts);
    ManifestObjects objects = new ManifestObjects(manifest(spec));
    Pod pod = pod(spec);
    PodVolumes volumes =
        new PodVolumes(pod, folder, mounts, objects, FACTS, root.resolve("claims"));
    return new ContainerRequests(pod, folder, volumes, objects, mounts)
        .of(pod.containers().getFirst(), 0, FACTS, "sha256:i", Map.of(), Optional.empty());
  }

  @Test
  void theMachineIsAsLargeAsWhatRunsAtOnce() throws Exception {
    PodSandboxConfig sandbox =
        sandbox(
            """
            {overhead: {memory: 10Mi}, initContainers: [
              {name: i, image: i, resources: {limits: {memory: 500Mi, cpu: 1}}},
              {name: s, image: i, restartPolicy: Always, resources: {limits: {memory: 100Mi, cpu: 1}}},
              {name: j, image: i, resources: {limits: {memory: 50Mi, cpu: 3}}}],
             containers: [{name: a, image: i, resources: {limits: {memory: 300Mi, cpu: 1500m}}}]}
            """);
    assertThat(sandbox.getLinux().getResources().getMemoryLimitInBytes()).isEqualTo(500L << 20);
    assertThat(sandbox.getLinux().getResources().getCpuQuota()).isEqualTo(400_000);
    assertThat(sandbox.getLinux().getOverhead().getMemoryLimitInBytes()).isEqualTo(10L << 20);
  }

  @Test
  void aContainerWithoutALimitIsNotStarvedByThoseOfOthers() throws Exception {
    PodSandboxConfig sandbox =
        sandbox(
            "{containers: [{name: a, image: i, resources: {limits: {memory: 64Mi}}}, {name: b, image: i}]}");
    assertThat(sandbox.getLinux().getResources().getMemoryLimitInBytes()).isZero();
  }

  @Test
  void amountsAreTheKernelsAsAKubeletComputesThem() throws Exception {
    var linux =
        container(
                "{containers: [{name: a, image: i, resources: {requests: {cpu: 250m, memory: 1Gi}, limits: {cpu: 500m, memory: 2Gi}}}]}")
            .getLinux()
            .getResources();
    assertThat(linux.getCpuShares()).isEqualTo(256);
    assertThat(linux.getCpuQuota()).isEqualTo(50_000);
    assertThat(linux.getMemoryLimitInBytes()).isEqualTo(2L << 30);
    assertThat(linux.getOomScoreAdj()).isEqualTo(875);
  }

  @Test
  void theClassOfAPodIsKubernetes() throws Exception {
    assertThat(pod("{containers: [{name: a, image: i}]}").qosClass())
        .isEqualTo(QosClass.BEST_EFFORT);
    assertThat(
            pod("{containers: [{name: a, image: i, resources: {limits: {cpu: 1, memory: 1Gi}}}]}")
                .qosClass())
        .isEqualTo(QosClass.GUARANTEED);
    assertThat(pod("{containers: [{name: a, image: i, resources: {limits: {cpu: 1}}}]}").qosClass())
        .isEqualTo(QosClass.BURSTABLE);
  }

  @Test
  void theResolverIsTheHostsWithWhatThePodAddsOrThePodsAlone() throws Exception {
    String config =
        "dnsConfig: {nameservers: [1.1.1.1], searches: [x.y], options: [{name: ndots, value: '1'}]}, containers: [{name: a, image: i}]";
    DNSConfig added = sandbox("{" + config + "}").getDnsConfig();
    assertThat(added.getServersList()).containsExactly("9.9.9.9", "1.1.1.1");
    assertThat(added.getSearchesList()).containsExactly("home", "x.y");
    assertThat(added.getOptionsList()).containsExactly("ndots:1");
    DNSConfig alone = sandbox("{dnsPolicy: None, " + config + "}").getDnsConfig();
    assertThat(alone.getServersList()).containsExactly("1.1.1.1");
    assertThat(alone.getSearchesList()).containsExactly("x.y");
  }

  @Test
  void rightsAreThePodsUnlessTheContainerHasItsOwn() throws Exception {
    ContainerConfig config =
        container(
            """
            {shareProcessNamespace: true, securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000,
               supplementalGroups: [7]},
             containers: [{name: a, image: i, stdin: true, lifecycle: {stopSignal: SIGUSR1},
               securityContext: {runAsUser: 5, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true,
                 capabilities: {add: [NET_ADMIN], drop: [KILL]}}}]}
            """);
    var security = config.getLinux().getSecurityContext();
    assertThat(security.getRunAsUser().getValue()).isEqualTo(5);
    assertThat(security.getRunAsGroup().getValue()).isEqualTo(3000);
    assertThat(security.getSupplementalGroupsList()).containsExactly(7L, 2000L);
    assertThat(security.getNoNewPrivs()).isTrue();
    assertThat(security.getReadonlyRootfs()).isTrue();
    assertThat(security.getCapabilities().getAddCapabilitiesList()).containsExactly("NET_ADMIN");
    assertThat(security.getCapabilities().getDropCapabilitiesList()).containsExactly("KILL");
    assertThat(security.getNamespaceOptions().getPid()).isEqualTo(NamespaceMode.POD);
    assertThat(config.getStopSignal()).isEqualTo(Signal.SIGNAL_SIGUSR1);
    assertThat(config.getStdin()).isTrue();
  }

  @Test
  void aPodWithoutItsHostsUsersHasItsOwnAndSoHaveItsVolumes() throws Exception {
    String spec =
        "{%s containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, emptyDir: {}}]}";
    IDMapping mapping = IDMapping.newBuilder().setHostId(65_536).setLength(65_536).build();
    for (NamespaceOption options :
        List.of(
            sandbox(spec.formatted("hostUsers: false,"))
                .getLinux()
                .getSecurityContext()
                .getNamespaceOptions(),
            container(spec.formatted("hostUsers: false,"))
                .getLinux()
                .getSecurityContext()
                .getNamespaceOptions())) {
      assertThat(options.getUsernsOptions().getMode()).isEqualTo(NamespaceMode.POD);
      assertThat(options.getUsernsOptions().getUidsList()).containsExactly(mapping);
      assertThat(options.getUsernsOptions().getGidsList()).containsExactly(mapping);
    }
    assertThat(container(spec.formatted("hostUsers: false,")).getMountsList())
        .isNotEmpty()
        .allSatisfy(
            mount -> {
              assertThat(mount.getUidMappingsList()).containsExactly(mapping);
              assertThat(mount.getGidMappingsList()).containsExactly(mapping);
            });
    assertThat(container(spec.formatted("")).getMountsList())
        .allSatisfy(mount -> assertThat(mount.getUidMappingsList()).isEmpty());
  }

  @Test
  void anImagesVolumeIsAskedForReadOnlyWhateverTheManifestSays() throws Exception {
    var mount =
        container(
                "{containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v, subPath: etc}]}], volumes: [{name: v, image: {reference: 'data:1'}}]}")
            .getMounts(0);
    assertThat(mount.getImage().getImage()).isEqualTo("data:1");
    assertThat(mount.getImageSubPath()).isEqualTo("etc");
    assertThat(mount.getReadonly()).isTrue();
  }

  @Test
  void anUnmaskedProcHidesNothing() throws Exception {
    var hidden = container("{containers: [{name: a, image: i}]}").getLinux().getSecurityContext();
    assertThat(hidden.getMaskedPathsList()).contains("/proc/kcore");
    var shown =
        container(
                "{hostUsers: false, containers: [{name: a, image: i, securityContext: {procMount: Unmasked}}]}")
            .getLinux()
            .getSecurityContext();
    assertThat(shown.getMaskedPathsList()).isEmpty();
  }

  @Test
  void theHostsFileIsAsTheKubeletWritesIt() throws Exception {
    Pod pod =
        pod(
            "{hostname: h, subdomain: s, hostAliases: [{ip: 1.2.3.4, hostnames: [x, y]}], containers: [{name: a, image: i}]}");
    String text =
        HostsFile.text(
            pod,
            List.of("10.0.0.2"),
            List.of(new HostsFile.Neighbour("10.0.0.3", List.of("other"))));
    assertThat(text)
        .startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
        .endsWith(
            """
            10.0.0.2\th.s.default.svc.cluster.local\th

            # Entries added by HostAliases.
            1.2.3.4\tx\ty

            # Pods of the same run.
            10.0.0.3\tother
            """);
  }
}
