package dev.hull.vm.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineSpec.Bandwidth;
import dev.hull.vm.MachineSpec.PortMapping;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class CniCapabilityTest {
  private static final PortMapping WEB =
      new PortMapping(PortMapping.Protocol.TCP, 80, 8080, "127.0.0.1");

  /** Of a pod that wants this of the network. */
  static MachineSpec spec(List<PortMapping> ports, Bandwidth bandwidth) {
    return new MachineSpec(
        MachineId.random(new SecureRandom()),
        "pod",
        "default",
        "uid",
        "pod",
        new MachineSize(1, 256),
        MachineSpec.Dns.NONE,
        ports,
        bandwidth,
        Map.of(),
        Optional.empty(),
        1 << 20);
  }

  private static Bandwidth egress(long rate) {
    return new Bandwidth(OptionalLong.empty(), OptionalLong.of(rate));
  }

  private static CniConfig.Plugin plugin(String capabilities) {
    return new CniConfig.Plugin(
        "x",
        JsonParser.parseString("{\"capabilities\":{%s}}".formatted(capabilities))
            .getAsJsonObject());
  }

  @Test
  void aPluginIsToldOfWhatItHasDeclaredAndThePodWants() {
    CniConfig.Plugin both = plugin("\"portMappings\":true,\"bandwidth\":true");
    assertThat(
            CniCapability.runtimeConfig(
                    both,
                    spec(
                        List.of(WEB),
                        new Bandwidth(OptionalLong.of(8_000_000), OptionalLong.empty())))
                .toString())
        .isEqualTo(
            "{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\",\"hostIP\":\"127.0.0.1\"}],"
                + "\"bandwidth\":{\"ingressRate\":8000000,\"ingressBurst\":2000000}}");
    assertThat(CniCapability.runtimeConfig(both, spec(List.of(), Bandwidth.UNBOUNDED)).isEmpty())
        .isTrue();
    assertThat(
            CniCapability.runtimeConfig(
                    plugin("\"portMappings\":true,\"bandwidth\":false"),
                    spec(List.of(WEB), egress(8_000_000)))
                .keySet())
        .containsExactly("portMappings");
  }

  @Test
  void aBurstIsAQuarterOfASecondWithinWhatTheKernelAndThePluginTake() {
    assertThat(burst(1_000)).isEqualTo(1 << 17);
    assertThat(burst(100_000_000)).isEqualTo(25_000_000);
    assertThat(burst(1_000_000_000_000_000L)).isEqualTo((1L << 32) - 1);
  }

  private static long burst(long rate) {
    JsonObject config =
        CniCapability.runtimeConfig(plugin("\"bandwidth\":true"), spec(List.of(), egress(rate)));
    return config.getAsJsonObject("bandwidth").get("egressBurst").getAsLong();
  }
}
