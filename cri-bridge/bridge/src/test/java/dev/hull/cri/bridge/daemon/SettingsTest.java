package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.host.HostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
  private static final Settings DEFAULTS =
      new Settings(
          2, 512, 160, 10, true, 1, Map.of(), Set.of(), Map.of(), LogFormat.TEXT, Optional.empty());

  @TempDir Path root;

  private Settings read(int cpus) throws HostException {
    return Settings.read(root, Optional.empty(), cpus);
  }

  private void write(String text) throws Exception {
    Files.writeString(root.resolve("hull.yaml"), text);
  }

  @Test
  void theDefaults() throws Exception {
    assertThat(read(8)).isEqualTo(DEFAULTS);
    assertThat(read(1).vcpus()).isEqualTo(1);
  }

  @Test
  void theFileThatIsPrintedHasEverySettingWithItsDefault() throws Exception {
    String printed = new HullDaemonProvider().defaultConfig();
    write(printed);
    assertThat(read(8)).isEqualTo(DEFAULTS);
    // Examples, which are said to be no defaults, are left out.
    String spelledOut =
        printed
            .replace("    #docker.io:", "    # docker.io:")
            .replace("    #registry.ex", "    # registry.ex")
            .replaceAll("(?m)^( +)#(?! )", "$1");
    assertThat(spelledOut).contains("\n  vcpus: 2\n");
    write(spelledOut);
    assertThat(read(8)).isEqualTo(DEFAULTS);
    for (String name : DEFAULTS.shown().keySet()) {
      String last = name.substring(name.lastIndexOf('.') + 1);
      assertThat(printed).as(name).contains("#" + last + ":");
    }
  }

  @Test
  void theNames() throws Exception {
    write(
        """
        machine:
          vcpus: 3
          memory-mib: 1024
          overhead-mib: 100
          scratch-gib: 20
          templates: off
        templates.spare: 2
        registry:
          mirrors:
            docker.io: [mirror.local:5000/hub, other.local]
          plain-http: [mirror.local:5000]
          ca:
            ghcr.local:8443: /etc/hull/ca.pem
        log.format: json
        metrics.address: 127.0.0.1:9470
        """);
    assertThat(read(8))
        .isEqualTo(
            new Settings(
                3,
                1024,
                100,
                20,
                false,
                2,
                Map.of("docker.io", List.of("mirror.local:5000/hub", "other.local")),
                Set.of("mirror.local:5000"),
                Map.of("ghcr.local:8443", Path.of("/etc/hull/ca.pem")),
                LogFormat.JSON,
                Optional.of(LoopbackAddress.parse("127.0.0.1:9470"))));
    assertThat(read(8).shown())
        .containsEntry("machine.scratch-gib", "20")
        .containsEntry("metrics.address", "127.0.0.1:9470");
  }

  @Test
  void anotherFileIsReadIfItIsNamedAndMustBeThere() throws Exception {
    Path named = Files.writeString(root.resolve("other.yaml"), "machine.vcpus: 1");
    write("machine.vcpus: 3");
    assertThat(Settings.read(root, Optional.of(named), 8).vcpus()).isEqualTo(1);
    Files.delete(named);
    assertThatThrownBy(() -> Settings.read(root, Optional.of(named), 8))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("cannot read the settings in " + named);
  }

  @Test
  void theFormerFileIsNotPassedOver() throws Exception {
    Files.writeString(root.resolve("daemon.properties"), "machine.vcpus = 3");
    assertThatThrownBy(() -> read(8))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("write its settings into " + root.resolve("hull.yaml"));
  }

  @Test
  void whatRegistriesWantIsHandedOn() throws Exception {
    write("registry.mirrors.docker.io: mirror.local");
    assertThat(read(8).registries().mirrors()).containsKey("docker.io");
  }

  @Test
  void anAuthorityThatCannotBeReadIsNamed() throws Exception {
    Path file = root.resolve("ca.pem");
    write("registry.ca.ghcr.local: " + file);
    assertThatThrownBy(() -> read(8).registries())
        .isInstanceOf(HostException.class)
        .hasMessageContaining("cannot read the certificates in " + file);
    Files.writeString(file, "no certificate");
    assertThatThrownBy(() -> read(8).registries())
        .hasMessageContaining(file.toString())
        .hasMessageContaining("must be a PEM file");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() throws Exception {
    write("machine:\n  cpus: 3\n  memory-mib: 64\n  templates: maybe\nregistry.ca.x: ca.pem\n");
    assertThatThrownBy(() -> read(8))
        .isInstanceOf(HostException.class)
        .hasMessageContaining(
            "hull.yaml:2: machine.cpus is no setting; did you mean machine.vcpus?")
        .hasMessageContaining("hull.yaml:3: machine.memory-mib must be a number from 128 to")
        .hasMessageContaining("hull.yaml:4: machine.templates must be on or off: maybe")
        .hasMessageContaining("hull.yaml:5: registry.ca.x must be the absolute path of a PEM file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0:9470",
        "127.0.0.1",
        "localhost:9470",
        "10.0.0.1:1",
        "[::]:1",
        "127.0.0.1:x"
      })
  void metricsAreForThisHostAlone(String address) throws Exception {
    write("metrics.address: '" + address + "'");
    assertThatThrownBy(() -> read(8))
        .hasMessageContaining("metrics.address must be an address of this host alone with a port");
  }

  @Test
  void metricsMayBeOnTheOtherLoopback() throws Exception {
    write("metrics.address: '[::1]:9470'");
    assertThat(read(8).metrics().orElseThrow().getAddress().isLoopbackAddress()).isTrue();
  }
}
