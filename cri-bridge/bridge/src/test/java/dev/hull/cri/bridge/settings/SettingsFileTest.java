package dev.hull.cri.bridge.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.host.HostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsFileTest {
  private static SettingsFile file(String text) throws HostException {
    return SettingsFile.parse("hull.yaml", text);
  }

  @Test
  void nestedAndDottedNamesAreTheSame() throws Exception {
    SettingsFile file = file("a:\n  b: 3\n  c.d: x\ne.f: on\n");
    assertThat(file.number("a.b", 1, 0, 9)).isEqualTo(3);
    assertThat(file.choice("a.c.d", "y", List.of("x", "y"))).isEqualTo("x");
    assertThat(file.isOn("e.f", false)).isTrue();
    file.finish();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing", "a:", "a:\n  b:\n", "a:\n  hosts:\n"})
  void whatHasNoValueHasItsDefault(String text) throws Exception {
    SettingsFile file = file(text);
    assertThat(file.number("a.b", 1, 0, 9)).isEqualTo(1);
    assertThat(file.words("a.words")).isEmpty();
    assertThat(file.wordsByHost("a.hosts")).isEmpty();
    assertThat(file.parsed("a.path", Path::of)).isEmpty();
    file.finish();
  }

  @Test
  void hostsKeepTheirDotsAndPorts() throws Exception {
    SettingsFile file =
        file("m:\n  docker.io: [one, 'two:5000/x']\n  reg.local:5000: one, two\nm.flat.local: x\n");
    assertThat(file.wordsByHost("m"))
        .isEqualTo(
            Map.of(
                "docker.io", List.of("one", "two:5000/x"),
                "reg.local:5000", List.of("one", "two"),
                "flat.local", List.of("x")));
    file.finish();
  }

  @Test
  void allThatIsWrongIsSaidAtOnceInTheOrderOfTheLines() throws Exception {
    SettingsFile file =
        file(
            "machine:\n  vcpu: 3\n  memory: many\nlog: {format: xml}\nnonsense: 1\nlog.format: text\n");
    assertThat(file.number("machine.vcpus", 2, 1, 4)).isEqualTo(2);
    assertThat(file.number("machine.memory", 512, 1, 1024)).isEqualTo(512);
    assertThat(file.choice("log.format", "text", List.of("text", "json"))).isEqualTo("text");
    assertThatThrownBy(file::finish)
        .isInstanceOf(HostException.class)
        .hasMessage(
            """
            hull.yaml:2: machine.vcpu is no setting; did you mean machine.vcpus?
            hull.yaml:3: machine.memory must be a number from 1 to 1024: many
            hull.yaml:4: log.format must be text or json: xml
            hull.yaml:5: nonsense is no setting; there are log.format machine.memory machine.vcpus
            hull.yaml:6: log.format is here twice\
            """);
  }

  @Test
  void aValueOfAnotherKindIsRefused() throws Exception {
    SettingsFile file = file("number: [1]\nwords: [[a]]\npath: relative\n");
    file.number("number", 1, 0, 9);
    file.words("words");
    file.parsed(
        "path",
        text -> {
          throw new IllegalArgumentException("must be absolute: " + text);
        });
    assertThatThrownBy(file::finish)
        .hasMessageContaining("hull.yaml:1: number must be a number from 0 to 9")
        .hasMessageContaining("hull.yaml:2: words must be a list of words")
        .hasMessageContaining("hull.yaml:3: path must be absolute: relative");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [", "a: b: c", "\tx: 1", "- a\n- b", "word", "? [a]\n: b"})
  void whatIsNoMappingIsRefused(String text) {
    assertThatThrownBy(
            () -> {
              SettingsFile file = file(text);
              file.number("a", 1, 0, 9);
              file.finish();
            })
        .isInstanceOf(HostException.class)
        .hasMessageMatching("(?s)hull.yaml(:\\d+)?: .*");
  }
}
