package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.host.DaemonProvider;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ConfigCommandTest {
  @TempDir private Path folder;
  private CommandLineHarness hull;

  /** Is asked for its settings, and never started. */
  private static final class FakeProvider implements DaemonProvider {
    @Override
    public Daemon start(Options options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String defaultConfig() {
      return "#machine.vcpus: 2\n";
    }
  }

  @BeforeEach
  void start() throws Exception {
    hull = new CommandLineHarness(folder);
  }

  @AfterEach
  void end() {
    hull.close();
  }

  private int config(Map<String, String> environment, String... arguments) {
    Context base = hull.context();
    Context context =
        new Context(
            base.terminal(),
            base.in(),
            environment,
            base.time(),
            base.clock(),
            base.mounts(),
            base.root(),
            base.connect());
    return new CommandLine(new ConfigCommand(context, FakeProvider::new)).execute(arguments);
  }

  private static Map<String, String> launched(String home) {
    return Map.of("JAVA_HOME", "/usr/lib/jvm/jdk-25", "HULL_HOME", home);
  }

  @Test
  void theDaemonsOwnDefaultsArePrinted() {
    assertThat(config(Map.of(), "default")).isZero();
    assertThat(hull.out()).isEqualTo("#machine.vcpus: 2\n");
  }

  @Test
  void aUnitRunsTheLauncherWhereItLies() {
    assertThat(config(launched("/opt/hull"), "unit", "--config", "/etc/hull/hull.yaml")).isZero();
    assertThat(hull.out().lines())
        .contains(
            "Type=notify",
            "KillMode=process",
            "Environment=JAVA_HOME=/usr/lib/jvm/jdk-25",
            "ExecStart=/opt/hull/hull serve --socket /run/hull/hull.sock"
                + " --root /var/lib/hull --config /etc/hull/hull.yaml");
    assertThat(hull.out()).as("all is filled in").doesNotContainPattern("@[A-Z_]+@");
  }

  @Test
  void aUnitWithoutASettingsFileNamesNone() {
    assertThat(config(launched("/opt/hull"), "unit", "--root", "/srv/hull")).isZero();
    assertThat(hull.out()).contains("--root /srv/hull\n").doesNotContain("--config");
  }

  /** The sentences are the root command's to print. */
  @Test
  void whatAUnitWouldTakeApartIsRefused() {
    Map<String, String> unlaunched = new HashMap<>(launched("/opt/hull"));
    unlaunched.remove("HULL_HOME");
    assertThat(config(unlaunched, "unit")).isEqualTo(1);
    assertThat(config(launched("/opt/my hull"), "unit")).isEqualTo(1);
    assertThat(config(launched("/opt/hull"), "unit", "--root", "/srv/%i")).isEqualTo(1);
    assertThat(hull.out()).isEmpty();
  }

  @Test
  void bothAreCommandsOfHull() {
    assertThat(hull.raw("config", "--help")).isZero();
    assertThat(hull.out()).contains("default", "unit");
  }
}
