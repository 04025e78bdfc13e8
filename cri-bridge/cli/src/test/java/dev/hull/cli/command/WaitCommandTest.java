package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wanted of a supervisor that does nothing, in namespaces. */
final class WaitCommandTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web%s}
      spec: {containers: [{name: server, image: "nginx:1"}]}
      """;
  private static final Thing WEB = new Thing("Pod", "default", "web");
  private static final Thing SHOPS = new Thing("Pod", "shop", "web");

  @TempDir private Path folder;
  private CommandLineHarness hull;
  private Spool spool;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    spool = hull.supervise();
    hull.stdin = POD.formatted("");
    assertThat(hull.run("apply", "-f", "-")).isZero();
  }

  @AfterEach
  void end() {
    hull.close();
  }

  private void conditionIs(String status) throws IOException {
    Files.writeString(
        spool.folder().resolve("Pod/default/web/status.json"),
        """
        {"pod": {"status": {"conditions": [{"type": "Ready", "status": "%s"}]}}}
        """
            .formatted(status));
  }

  @Test
  void aConditionIsAwaited() throws IOException {
    conditionIs("True");
    assertThat(hull.run("wait", "--for=condition=ready", "pod/web")).isZero();
    assertThat(hull.out()).isEqualTo("pod/web condition met\n");
    assertThat(hull.run("wait", "--for=condition=Ready=false", "--timeout=2s", "pod", "web"))
        .isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: timed out waiting for the condition on pods/web\n");
    conditionIs("False");
    assertThat(hull.run("wait", "--for=condition=Ready=false", "pod/web")).isZero();
  }

  @Test
  void anEndIsAwaitedAndWhatIsNotThereHasNoCondition() throws IOException {
    assertThat(hull.run("wait", "--for=delete", "--timeout=1s", "pod/web"))
        .isEqualTo(ExitCodes.FAILED);
    spool.forget(WEB);
    assertThat(hull.run("wait", "--for=delete", "pod/web")).isZero();
    assertThat(hull.run("wait", "--for=condition=Ready", "pod/web")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: there is no pod web in namespace default\n");
    assertThat(hull.run("wait", "--for=happiness", "pod/web")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("--for is condition=NAME, condition=NAME=STATUS or delete");
  }

  @Test
  void aPodWithoutAMachineIsNotCalledMissing() {
    assertThat(hull.run("logs", "pod/web")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err())
        .isEqualTo("hull: pod web has no machine yet; hull describe pod web says why\n");
  }

  @Test
  void manifestsThatDoNotSayTheirNamespaceAreInThatOfTheCommandLine() throws IOException {
    hull.stdin = POD.formatted("");
    assertThat(hull.run("apply", "-n", "shop", "-f", "-")).isZero();
    assertThat(spool.list("Pod")).containsExactlyInAnyOrder(WEB, SHOPS);
    assertThat(spool.wanted(SHOPS).orElseThrow().document().namespace()).isEqualTo("shop");

    hull.stdin = POD.formatted("");
    assertThat(hull.run("delete", "-n", "other", "-f", "-")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: there is no pod \"web\" in namespace other\n");
    assertThat(spool.deleted(WEB)).isEmpty();

    hull.stdin = POD.formatted(", namespace: shop");
    assertThat(hull.run("delete", "-n", "default", "-f", "-")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err())
        .isEqualTo(
            "hull: stdin:3: metadata.namespace: is not the namespace of the command line, which is"
                + " default; they must agree, or one be left out\n");
    assertThat(spool.deleted(SHOPS)).isEqualTo(Optional.empty());
  }
}
