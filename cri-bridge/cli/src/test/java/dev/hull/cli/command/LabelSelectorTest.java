package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cli.supervisor.Spool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LabelSelectorTest {
  private static final Map<String, String> LABELS =
      Map.of("app", "web", "k8s.io/tier", "front", "e", "");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app=web",
        "app==web",
        "app = web",
        "app!=api",
        "nothing!=api",
        "e=",
        "app",
        "!nothing",
        "app in (api, web)",
        "app notin (api)",
        "nothing notin (api)",
        "k8s.io/tier=front,app in (api,web),!nothing"
      })
  void theseHold(String selector) throws UserException {
    assertThat(LabelSelector.parse(selector).matches(LABELS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app=api",
        "app!=web",
        "nothing=",
        "nothing",
        "!app",
        "app in (api)",
        "app notin (api,web)",
        "app=web,app=api"
      })
  void theseDoNot(String selector) throws UserException {
    assertThat(LabelSelector.parse(selector).matches(LABELS)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "=web", "app=web,", "app in web", "app>1", "app=a b", "app in (a"})
  void theseAreNone(String selector) {
    assertThatThrownBy(() -> LabelSelector.parse(selector))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is no label selector such as app=web");
  }

  @Test
  void getListsWhatIsSelectedAndItsNames() throws IOException {
    Spool spool = new Spool(folder.resolve("root/kubelet"));
    try (CommandLineHarness hull = new CommandLineHarness(folder);
        FileChannel _ = spool.take().orElseThrow()) {
      Files.createSymbolicLink(Spool.link(hull.socket), spool.folder());
      for (String name : new String[] {"web", "api"}) {
        hull.stdin =
            """
            {apiVersion: v1, kind: Pod, metadata: {name: NAME, labels: {app: NAME}},
              spec: {containers: [{name: one, image: "i:1"}]}}
            """
                .replace("NAME", name);
        assertThat(hull.run("apply", "-f", "-")).as(hull.err()).isZero();
      }
      assertThat(hull.run("get", "pods", "-o", "name")).as(hull.err()).isZero();
      assertThat(hull.out()).isEqualTo("pod/api\npod/web\n");
      assertThat(hull.run("get", "pods", "-l", "app=web", "-o", "name")).as(hull.err()).isZero();
      assertThat(hull.out()).isEqualTo("pod/web\n");
      assertThat(hull.run("get", "pods", "-l", "app!=web")).as(hull.err()).isZero();
      assertThat(hull.out()).contains("api").doesNotContain("web");
      assertThat(hull.run("get", "pods", "web", "-l", "app")).isEqualTo(ExitCodes.FAILED);
      assertThat(hull.err()).contains("exclude each other");
      assertThat(hull.run("get", "pod/web", "-o", "name")).as(hull.err()).isZero();
      assertThat(hull.out()).isEqualTo("pod/web\n");
    }
  }
}
