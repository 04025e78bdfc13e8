package dev.hull.tests.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.IDMapping;
import dev.hull.cri.v1.Int64Value;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxStatsRequest;
import dev.hull.cri.v1.UserNamespace;
import dev.hull.tests.harness.AtomicVolume;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
final class UserNamespaceTest {
  private static final IDMapping MAPPING =
      IDMapping.newBuilder().setHostId(1_000_000).setLength(65_536).build();
  private static final NamespaceOption OPTIONS =
      NamespaceOption.newBuilder()
          .setPid(NamespaceMode.CONTAINER)
          .setUsernsOptions(UserNamespace.newBuilder().addUids(MAPPING).addGids(MAPPING))
          .build();
  private static final String SERVER =
      "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 80, Listen => 1,"
          + " ReuseAddr => 1) or die $!; while ($c = $s->accept) { print $c qq(served); close $c }'";

  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void rootOfThePodIsNobodyInTheMachineAndRootInItsVolumes() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("ours"), "ours");
    Files.setAttribute(data.resolve("ours"), "unix:uid", 1000);
    AtomicVolume settings = new AtomicVolume(folder.resolve("settings"));
    settings.write(Map.of("key", "first".getBytes(StandardCharsets.UTF_8)));
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      PodSandboxConfig.Builder config = TestPod.config(folder.resolve("logs")).toBuilder();
      config.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(OPTIONS);
      try (TestPod pod = TestPod.run(daemon, config.build())) {
        assertThat(pod.status().getLinux().getNamespaces().getOptions()).isEqualTo(OPTIONS);
        String root =
            pod.start(
                pod.create(
                    "root",
                    TestPod.DEBIAN,
                    SERVER,
                    container -> volumes(container, data, settings.path())));
        assertThat(said(pod, root, "cat /proc/self/uid_map; id -u"))
            .matches("\\s+0\\s+1000000\\s+65536\\n0\\n");
        assertThat(said(pod, root, "stat -c %u / /bin/bash /dev/shm /etc/resolv.conf /data"))
            .isEqualTo("0\n0\n0\n0\n0\n");
        assertThat(said(pod, root, "stat -c %u /data/ours /proc/sys; cat /settings/key"))
            .isEqualTo("1000\n65534\nfirst");
        assertThat(said(pod, root, "stat -L -c %u /settings /settings/key")).isEqualTo("0\n0\n");
        assertThat(
                said(pod, root, "echo 10.1.1.1 other >> /etc/hosts && touch /data/new && echo x"))
            .isEqualTo("x\n");
        assertThat(Files.getAttribute(data.resolve("new"), "unix:uid")).isEqualTo(0);
        assertThat(said(pod, root, "cat /sys/class/net/eth0/operstate")).isEqualTo("up\n");
        await("the server on a port of root's")
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> served(pod).equals("served"));

        assertThat(
                daemon
                    .cri()
                    .runtime()
                    .podSandboxStats(
                        PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod.id()).build())
                    .getStats()
                    .getLinux()
                    .getNetwork()
                    .getDefaultInterface()
                    .getTxBytes()
                    .getValue())
            .isPositive();

        settings.write(Map.of("key", "second".getBytes(StandardCharsets.UTF_8)));
        await("the ConfigMap's change")
            .atMost(Duration.ofSeconds(30))
            .until(() -> said(pod, root, "cat /settings/key").equals("second"));

        String user =
            pod.start(
                pod.create(
                    "user",
                    TestPod.DEBIAN,
                    "sleep infinity",
                    container -> {
                      volumes(container, data, settings.path());
                      container
                          .getLinuxBuilder()
                          .getSecurityContextBuilder()
                          .setRunAsUser(Int64Value.newBuilder().setValue(1000));
                      return container;
                    }));
        assertThat(said(pod, user, "echo more >> /data/ours && cat /data/ours; touch /data/no"))
            .isEqualTo("oursmore\ntouch: cannot touch '/data/no': Permission denied\n");
        assertThat(data.resolve("ours")).hasContent("oursmore");
      }
    }
  }

  private static ContainerConfig.Builder volumes(
      ContainerConfig.Builder container, Path data, Path settings) {
    container.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(OPTIONS);
    return container
        .addMounts(
            Mount.newBuilder()
                .setHostPath(data.toString())
                .setContainerPath("/data")
                .addUidMappings(MAPPING)
                .addGidMappings(MAPPING))
        .addMounts(
            Mount.newBuilder()
                .setHostPath(settings.toString())
                .setContainerPath("/settings")
                .setReadonly(true)
                .addUidMappings(MAPPING)
                .addGidMappings(MAPPING));
  }

  private static String served(TestPod pod) throws Exception {
    try (Socket socket = new Socket(InetAddress.getByName(pod.address()), 80)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What a shell in the container says. */
  private static String said(TestPod pod, String container, String script) {
    var response = pod.exec(container, "/bin/bash", "-c", script);
    return response.getStdout().toStringUtf8() + response.getStderr().toStringUtf8();
  }
}
