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
    assertThat(Settings.read(root, 8)).isEqualTo(new Settings(2, 512, 160, 10, Map.of(), Set.of()));
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
        registry.mirrors.docker.io = mirror.local:5000/hub, other.local
        registry.plain-http = mirror.local:5000
        """);
    assertThat(Settings.read(root, 8))
        .isEqualTo(
            new Settings(
                3,
                1024,
                100,
                20,
                Map.of("docker.io", List.of("mirror.local:5000/hub", "other.local")),
                Set.of("mirror.local:5000")));
    assertThat(Settings.read(root, 8).shown()).containsEntry("machine.scratch-gib", "20");
    assertThat(Settings.read(root, 8).registries().mirrors()).containsKey("docker.io");
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
}
