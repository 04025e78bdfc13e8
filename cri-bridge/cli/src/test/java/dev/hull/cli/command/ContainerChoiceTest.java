package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cli.testing.FakeCri.Script;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which container a command is about, as kubectl chooses it. */
final class ContainerChoiceTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, uid: u1}
      spec:
        restartPolicy: Never
        initContainers:
          - {name: proxy, image: "i:1", restartPolicy: Always}
          - {name: setup, image: "i:1"}
        containers: [{name: web, image: "i:1"}, {name: echo, image: "i:1"}]
      """;

  private static final String DEFAULTED =
      "Defaulted container \"web\" out of: web, echo, proxy (init), setup (init)\n";

  @TempDir private Path folder;
  private CommandLineHarness hull;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    hull.cri.imagePresent("i:1");
    hull.cri.script("proxy", Script.runsForever().printing("of proxy"));
    hull.cri.script("setup", Script.exits(0).printing("of setup"));
    hull.cri.script("web", Script.runsForever().printing("of web"));
    hull.cri.script("echo", Script.runsForever().printing("of echo"));
  }

  @AfterEach
  void end() {
    hull.close();
  }

  private void detach(String metadata) {
    hull.stdin = POD.replace("uid: u1", "uid: u1" + metadata);
    assertThat(hull.run("run", "--detach", "-")).as(hull.err()).isZero();
  }

  @Test
  void itIsTheFirstOrdinaryContainerAndNeverASidecar() {
    detach("");
    assertThat(hull.run("logs", "shop")).isZero();
    assertThat(hull.out()).isEqualTo("of web\n");
    assertThat(hull.err()).isEqualTo(DEFAULTED);
    assertThat(hull.run("exec", "shop", "ls")).isEqualTo(7);
    assertThat(hull.err()).isEqualTo(DEFAULTED + "err\n");
  }

  @Test
  void thePodMaySayWhichOneItIs() {
    detach(", annotations: {kubectl.kubernetes.io/default-container: echo}");
    assertThat(hull.run("logs", "shop")).isZero();
    assertThat(hull.out()).isEqualTo("of echo\n");
    assertThat(hull.err()).isEmpty();
  }

  @Test
  void anAnnotationThatNamesNoContainerIsNoMatter() {
    detach(", annotations: {kubectl.kubernetes.io/default-container: nobody}");
    assertThat(hull.run("logs", "shop")).isZero();
    assertThat(hull.err()).isEqualTo(DEFAULTED);
  }

  @Test
  void aContainerIsNamedByAnOptionOrBehindThePodButNotByBoth() {
    detach("");
    for (String[] words : new String[][] {{"shop", "-c", "setup"}, {"shop", "setup"}}) {
      assertThat(hull.run("logs", words)).as(hull.err()).isZero();
      assertThat(hull.out()).isEqualTo("of setup\n");
      assertThat(hull.err()).isEmpty();
    }
    assertThat(hull.run("logs", "shop", "setup", "-c", "web")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("by -c or behind the pod, not by both");
  }

  @Test
  void whatThereIsIsNamedWhereTheNameIsWrong() {
    detach("");
    assertThat(hull.run("logs", "shop", "x")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err())
        .isEqualTo(
            "hull: the pod shop has no container x; it has: web, echo, proxy (init), setup"
                + " (init)\n");
  }

  @Test
  void logsOfAllContainersArePrefixedIfThatIsAskedFor() {
    detach("");
    assertThat(hull.run("logs", "shop", "--all-containers")).isZero();
    assertThat(hull.out()).isEqualTo("of web\nof echo\nof proxy\nof setup\n");
    assertThat(hull.run("logs", "shop", "--all-containers", "--prefix", "--timestamps")).isZero();
    assertThat(hull.out())
        .startsWith("[pod/shop/web] 2026-01-01T00:00:00Z of web\n[pod/shop/echo] ");
    assertThat(hull.run("logs", "shop", "--all-containers", "-c", "web"))
        .isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("exclude each other");
  }

  @ParameterizedTest
  @ValueSource(strings = {"shop", "pod/shop", "pods/shop", "po/shop", "default/shop", "sandbox1"})
  void aPodMayBeNamedInManyWays(String name) {
    detach("");
    assertThat(hull.run("logs", name, "web")).as(hull.err()).isZero();
    assertThat(hull.out()).isEqualTo("of web\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "2", "-1"})
  void theTailIsCutWithAndWithoutFollowing(String lines) {
    hull.cri.script("web", Script.exits(0).printing("one\n2026-01-01T00:00:01Z stdout F two"));
    detach("");
    String expected =
        switch (lines) {
          case "0" -> "";
          case "1" -> "two\n";
          default -> "one\ntwo\n";
        };
    assertThat(hull.run("logs", "shop", "web", "--tail=" + lines)).isZero();
    assertThat(hull.out()).isEqualTo(expected);
    assertThat(hull.run("logs", "-f", "shop", "web", "--tail=" + lines)).isZero();
    assertThat(hull.out()).isEqualTo(expected);
  }

  @Test
  void errorsNameTheContainerByItsNameInThePod() {
    detach("");
    assertThat(hull.run("exec", "shop", "-c", "setup", "ls")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: cannot run ls in setup: it does not run\n");
    assertThat(hull.run("exec", "-i", "shop", "-c", "setup", "ls")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: cannot run ls in setup: it does not run\n");
    assertThat(hull.run("attach", "shop", "-c", "setup")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err())
        .isEqualTo("hull: cannot attach to the container setup: it does not run\n");
  }
}
