package dev.hull.vm.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Sets;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real plugins and real namespaces, which needs root. */
@Tag("machine")
final class CniNetworkTest {
  @TempDir Path folder;

  private final Commands commands = new Commands(Duration.ofSeconds(10));
  private final MachineSpec spec =
      CniCapabilityTest.spec(List.of(), MachineSpec.Bandwidth.UNBOUNDED);

  @BeforeEach
  void needsRootAndPlugins() {
    assertThat(System.getProperty("user.name"))
        .as("the user: only root makes namespaces; run the tests by ./hull test, as root")
        .isEqualTo("root");
    assertThat(CniNetwork.PLUGINS)
        .as("folders of CNI plugins; ./hull test installs the package containernetworking-plugins")
        .anyMatch(folder -> Files.isExecutable(folder.resolve("bridge")));
  }

  private CniNetwork network() {
    return new CniNetwork(
        folder.resolve("net.d"), CniNetwork.PLUGINS, folder.resolve("network"), "root");
  }

  /** Other tests make links too, so only those are looked at that this test could leave. */
  private List<String> links() {
    String[] all = Path.of("/sys/class/net").toFile().list();
    String bridge = new OwnNetwork(folder.resolve("network"), new Links(commands), true).bridge();
    return Stream.of(Objects.requireNonNull(all))
        .filter(name -> name.equals(bridge) || name.equals("hl" + spec.id().shortForm()))
        .toList();
  }

  private List<String> addresses() throws IOException {
    if (!Files.exists(folder.resolve("network/addresses"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder.resolve("network/addresses"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("10."))
          .toList();
    }
  }

  private Set<String> namespaces() {
    String[] names = Path.of("/run/netns").toFile().list();
    return Set.of(names == null ? new String[0] : names);
  }

  @Test
  void aPodGetsAnAddressAndATapAndNothingIsLeftOfIt() throws Exception {
    CniNetwork network = network();
    String configuration = network.configuration(spec);
    NetworkLease lease = network.acquire(spec, configuration);
    try {
      assertThat(lease.addresses()).singleElement().asString().matches("10\\.2\\d\\d\\..*/20");
      assertThat(lease.routes()).extracting(NetworkLease.Route::destination).contains("0.0.0.0/0");
      assertThat(lease.mac()).matches("([0-9a-f]{2}:){5}[0-9a-f]{2}");
      assertThat(Path.of("/sys/class/net", lease.tap())).exists();
      network.connect(spec, lease);
      network.connect(spec, lease);
      assertThat(Path.of("/sys/class/net", lease.tap())).doesNotExist();
      String inside =
          commands.demand(List.of("ip", "-n", "hull-" + spec.id().shortForm(), "-br", "link"), "");
      assertThat(inside).contains(lease.tap(), "hull-br", "eth0").doesNotContain(lease.mac());
      assertThat(addresses()).hasSize(1);
      assertThat(rules()).contains(spec.id().value());
    } finally {
      network.release(spec, configuration, Optional.of(lease));
    }
    network.release(spec, configuration, Optional.of(lease));
    assertThat(links()).isEmpty();
    assertThat(namespaces()).doesNotContain("hull-" + spec.id().shortForm());
    assertThat(addresses()).isEmpty();
    assertThat(rules()).doesNotContain(spec.id().value());
  }

  /** Masquerading, which the plugins take back only if they still find the pod's address. */
  private String rules() {
    return Files.isExecutable(Path.of("/usr/sbin/iptables-save"))
        ? commands.demand(List.of("/usr/sbin/iptables-save", "-t", "nat"), "")
        : "";
  }

  @Test
  void whatAKilledProcessLeftIsReleasedWithoutItsLease() throws Exception {
    CniNetwork killed = network();
    String configuration = killed.configuration(spec);
    killed.acquire(spec, configuration);
    network().release(spec, configuration, Optional.empty());
    assertThat(links()).isEmpty();
    assertThat(addresses()).isEmpty();
  }

  @Test
  void aFailingPluginLeavesNothingAndIsNamed() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("bin"));
    Path broken = plugins.resolve("broken");
    Files.writeString(
        broken,
        """
        #!/bin/sh
        cat > /dev/null
        [ "$CNI_COMMAND" = DEL ] && exit 0
        echo '{"cniVersion":"1.0.0","code":11,"msg":"no more addresses","details":"pool is empty"}'
        exit 1
        """);
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    Files.createDirectories(folder.resolve("net.d"));
    Files.writeString(
        folder.resolve("net.d/10-x.conflist"),
        """
        {"cniVersion":"1.0.0","name":"x","plugins":[{"type":"broken"}]}
        """);
    CniNetwork network = new CniNetwork(folder.resolve("net.d"), List.of(plugins), folder, "root");
    String configuration = network.configuration(spec);
    assertThatThrownBy(() -> network.acquire(spec, configuration))
        .isInstanceOf(MachineException.class)
        .hasMessage(
            "the CNI plugin broken failed to ADD the network x of pod pod: no more addresses: pool is empty");
    assertThat(links()).isEmpty();
    assertThat(namespaces()).doesNotContain("hull-" + spec.id().shortForm());
  }

  @Test
  void aChainPassesResultsOnAndGetsTheirsBackAtTheEnd() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("bin"));
    Path log = folder.resolve("log");
    for (String name : List.of("first", "second")) {
      Path plugin = plugins.resolve(name);
      Files.writeString(
          plugin,
          """
          #!/bin/sh
          echo "%s $CNI_COMMAND $CNI_IFNAME $CNI_ARGS $(cat)" >> %s
          [ "$CNI_COMMAND" = ADD ] || exit 0
          [ %s = first ] && ip -n $(basename $CNI_NETNS) link add eth0 type veth peer name peer
          echo '{"cniVersion":"0.4.0","from":"%s"}'
          """
              .formatted(name, log, name, name));
      assertThat(plugin.toFile().setExecutable(true)).isTrue();
    }
    Files.createDirectories(folder.resolve("net.d"));
    Files.writeString(
        folder.resolve("net.d/10-x.conflist"),
        """
        {"cniVersion":"0.4.0","name":"x","plugins":[{"type":"first","own":1},
         {"type":"second","capabilities":{"portMappings":true}}]}
        """);
    MachineSpec mapped =
        CniCapabilityTest.spec(
            List.of(
                new MachineSpec.PortMapping(MachineSpec.PortMapping.Protocol.TCP, 80, 8080, "")),
            MachineSpec.Bandwidth.UNBOUNDED);
    CniNetwork network = new CniNetwork(folder.resolve("net.d"), List.of(plugins), folder, "root");
    String configuration = network.configuration(spec);
    NetworkLease lease = network.acquire(mapped, configuration);
    network.release(mapped, configuration, Optional.of(lease));
    List<String> calls = Files.readAllLines(log);
    assertThat(calls).hasSize(4);
    assertThat(calls.get(0))
        .startsWith("first ADD eth0 IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod;")
        .contains("\"own\":1", "\"name\":\"x\"", "\"cniVersion\":\"0.4.0\"")
        .doesNotContain("prevResult", "runtimeConfig");
    assertThat(calls.get(1))
        .startsWith("second ADD")
        .contains("\"prevResult\":{\"cniVersion\":\"0.4.0\",\"from\":\"first\"}")
        .contains("\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"");
    assertThat(calls.get(2)).startsWith("second DEL").contains("\"from\":\"second\"");
    assertThat(calls.get(3)).startsWith("first DEL").contains("\"from\":\"second\"");
  }

  /** In both directions; the kernel's actions that the plugin wants must be there. */
  @Test
  void aPodsTrafficIsHeldBackByTheKernelUntilItIsReleased() {
    Set<String> before = shapers();
    MachineSpec bounded =
        CniCapabilityTest.spec(
            List.of(),
            new MachineSpec.Bandwidth(OptionalLong.of(8_000_000), OptionalLong.of(16_000_000)));
    CniNetwork network = network();
    String configuration = network.configuration(bounded);
    NetworkLease lease = network.acquire(bounded, configuration);
    try {
      assertThat(Sets.difference(shapers(), before))
          .as("rates in bytes per second")
          .containsExactlyInAnyOrder("1000000", "2000000");
    } finally {
      network.release(bounded, configuration, Optional.of(lease));
    }
    assertThat(Sets.difference(shapers(), before)).isEmpty();
    assertThat(Path.of("/sys/class/net").toFile().list())
        .as("the device that egress goes through")
        .noneMatch(name -> name.startsWith("bwp"));
  }

  private Set<String> shapers() {
    Set<String> rates = new HashSet<>();
    for (JsonElement element :
        JsonParser.parseString(commands.demand(List.of("tc", "-j", "qdisc", "show"), ""))
            .getAsJsonArray()) {
      JsonObject discipline = element.getAsJsonObject();
      if (discipline.get("kind").getAsString().equals("tbf")) {
        rates.add(discipline.getAsJsonObject("options").get("rate").getAsString());
      }
    }
    return rates;
  }

  @Test
  void aNetworkWithoutThePluginTakesThePodAllTheSame() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("bin"));
    Path plugin = plugins.resolve("plain");
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        [ "$CNI_COMMAND" = ADD ] || exit 0
        grep -q runtimeConfig && exit 1
        ip -n $(basename $CNI_NETNS) link add eth0 type veth peer name peer
        echo '{"cniVersion":"1.0.0"}'
        """);
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
    Files.createDirectories(folder.resolve("net.d"));
    Files.writeString(
        folder.resolve("net.d/10-x.conflist"),
        """
        {"cniVersion":"1.0.0","name":"x","plugins":[{"type":"plain"}]}
        """);
    MachineSpec bounded =
        CniCapabilityTest.spec(
            List.of(),
            new MachineSpec.Bandwidth(OptionalLong.empty(), OptionalLong.of(16_000_000)));
    CniNetwork network = new CniNetwork(folder.resolve("net.d"), List.of(plugins), folder, "root");
    String configuration = network.configuration(bounded);
    NetworkLease lease = network.acquire(bounded, configuration);
    network.release(bounded, configuration, Optional.of(lease));
    assertThat(namespaces()).doesNotContain("hull-" + bounded.id().shortForm());
  }

  @Test
  void twoPodsOfOneRootShareABridgeAndHaveDifferentAddresses() {
    CniNetwork network = network();
    String configuration = network.configuration(spec);
    MachineSpec other = CniCapabilityTest.spec(List.of(), MachineSpec.Bandwidth.UNBOUNDED);
    NetworkLease first = network.acquire(spec, configuration);
    NetworkLease second = network.acquire(other, network.configuration(other));
    try {
      assertThat(network.configuration(other)).isEqualTo(configuration);
      assertThat(first.addresses()).isNotEqualTo(second.addresses());
    } finally {
      network.release(spec, configuration, Optional.of(first));
      network.release(other, configuration, Optional.of(second));
    }
  }
}
