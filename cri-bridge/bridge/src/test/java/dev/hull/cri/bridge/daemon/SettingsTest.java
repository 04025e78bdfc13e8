package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.host.HostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsTest {
  @TempDir Path root;

  @Test
  void theDefaults() throws Exception {
    assertThat(Settings.read(root, 8))
        .isEqualTo(new Settings(2, 512, 160, 10, true, 1, Map.of(), Set.of(), Map.of()));
    assertThat(Settings.read(root, 1).vcpus()).isEqualTo(1);
  }

  @Test
  void theNames() throws Exception {
    write(
        """
        machine.vcpus = 3
        machine.memory-mib = 1024
        machine.overhead-mib = 100
        machine.scratch-gib = 20
        machine.templates = off
        templates.spare = 2
        registry.mirrors.docker.io = mirror.local:5000/hub, other.local
        registry.plain-http = mirror.local:5000
        registry.ca.ghcr.local\\:8443 = /etc/hull/ca.pem
        """);
    assertThat(Settings.read(root, 8))
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
                Map.of("ghcr.local:8443", Path.of("/etc/hull/ca.pem"))));
    assertThat(Settings.read(root, 8).shown()).containsEntry("machine.scratch-gib", "20");
  }

  @Test
  void whatRegistriesWantIsHandedOn() throws Exception {
    write("registry.mirrors.docker.io = mirror.local");
    assertThat(Settings.read(root, 8).registries().mirrors()).containsKey("docker.io");
  }

  @Test
  void anAuthorityThatCannotBeReadIsNamed() throws Exception {
    Path file = root.resolve("ca.pem");
    write("registry.ca.ghcr.local = " + file);
    assertThatThrownBy(() -> Settings.read(root, 8).registries())
        .isInstanceOf(HostException.class)
        .hasMessageContaining("cannot read the certificates in " + file);
    Files.writeString(file, "no certificate");
    assertThatThrownBy(() -> Settings.read(root, 8).registries())
        .hasMessageContaining(file.toString())
        .hasMessageContaining("must be a PEM file");
  }

  @Test
  void aColonThatIsNotEscapedIsExplained() throws Exception {
    write("registry.ca.ghcr.local:8443 = /etc/hull/ca.pem");
    assertThatThrownBy(() -> Settings.read(root, 8))
        .hasMessageContaining("registry.ca.ghcr.local must be the absolute path of a PEM file")
        .hasMessageContaining("a colon is written \\:");
  }

  @Test
  void aNameThatIsNoneIsRefused() throws Exception {
    write("machine.cpus = 3");
    assertThatThrownBy(() -> Settings.read(root, 8))
        .isInstanceOf(HostException.class)
        .hasMessageContaining(
            "settings that are none: machine.cpus; there are: machine.memory-mib");
  }

  @Test
  void aValueOutOfItsRangeIsRefused() throws Exception {
    write("machine.memory-mib = 64");
    assertThatThrownBy(() -> Settings.read(root, 8))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("machine.memory-mib must be a number from 128 to");
  }

  private void write(String text) throws Exception {
    Files.writeString(root.resolve("daemon.properties"), text, StandardCharsets.UTF_8);
  }

  @Test
  void templatesAreOnOrOff() throws Exception {
    write("machine.templates = maybe\n");
    assertThatThrownBy(() -> Settings.read(root, 8))
        .hasMessageContaining("machine.templates must be on or off: maybe");
  }
}
