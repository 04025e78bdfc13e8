package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cli.manifest.EphemeralContainer;
import dev.hull.cli.pod.Container.PullPolicy;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.testing.FakeCri.Script;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code hull debug} asks of a supervisor that does nothing. */
final class DebugCommandTest {
  private static final Thing WEB = new Thing("Pod", "shop", "web");
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: shop}
      spec: {containers: [{name: server, image: "nginx:1"}]}
      """;

  @TempDir private Path folder;
  private CommandLineHarness hull;
  private Spool spool;
  private FileChannel supervisor;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    spool = new Spool(folder.resolve("root/kubelet"));
    supervisor = spool.take().orElseThrow();
    Files.createSymbolicLink(Spool.link(hull.socket), spool.folder());
    hull.stdin = POD;
    assertThat(hull.run("apply", "-f", "-")).isZero();
  }

  @AfterEach
  void end() throws IOException {
    supervisor.close();
    hull.close();
  }

  private List<EphemeralContainer> added() throws IOException {
    return spool.added(WEB, spool.wanted(WEB).orElseThrow());
  }

  @Test
  void aContainerWithAMadeUpNameIsAdded() throws IOException {
    assertThat(
            hull.run(
                "debug",
                "-n",
                "shop",
                "web",
                "--image",
                "tools",
                "--target",
                "server",
                "--env",
                "A=b",
                "--",
                "ps",
                "-ef"))
        .as(hull.err())
        .isZero();
    assertThat(hull.err()).matches("Defaulting debug container name to debugger-[a-z0-9]{5}\\.\n");
    EphemeralContainer one = added().getFirst();
    assertThat(one.container().name()).matches("debugger-.{5}");
    assertThat(one.container().command()).containsExactly("ps", "-ef");
    assertThat(one.container().pullPolicy()).isEqualTo(PullPolicy.ALWAYS);
    assertThat(one.container().target()).contains("server");
    assertThat(one.container().security().addedCapabilities()).containsExactly("SYS_PTRACE");
    assertThat(one.source().getAsJsonArray("env").toString())
        .isEqualTo("[{\"name\":\"A\",\"value\":\"b\"}]");
    assertThat(one.container().input().stdin()).isFalse();
  }

  @Test
  void aNameIsTakenOnce() throws IOException {
    String[] twice = {
      "-n", "shop", "pod/web", "--image", "tools", "-c", "tools", "--profile=baseline"
    };
    assertThat(hull.run("debug", twice)).as(hull.err()).isZero();
    assertThat(hull.err()).isEmpty();
    assertThat(hull.run("debug", twice)).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("has an ephemeral container tools already");
    assertThat(added()).hasSize(1);
  }

  @Test
  void whatCannotBeIsSaid() throws IOException {
    assertThat(hull.run("debug", "web", "--image", "tools")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("looks after no pod web in namespace default");
    assertThat(hull.run("debug", "-n", "shop", "web", "--image", "tools", "--target", "x"))
        .isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err())
        .isEqualTo("hull: --target: the pod web has no container x; it has: server\n");
    assertThat(hull.run("debug", "-n", "shop", "web", "--image", "tools", "-c", "server"))
        .isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("has a container server already; choose another name");
    assertThat(hull.run("debug", "-n", "shop", "web")).isEqualTo(ExitCodes.USAGE);
    assertThat(hull.err()).contains("--image");
    assertThat(hull.run("debug", "web", "--image", "i", "--profile", "x"))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(hull.err()).contains("baseline, general, restricted, netadmin, sysadmin");
    assertThat(added()).isEmpty();
  }

  @Test
  void whatHasEndedBeforeItCouldBeAttachedToIsShownWithItsExitCode() throws IOException {
    // Its pod is not of the spool: nobody keeps to that here.
    Files.delete(Spool.link(hull.socket));
    hull.cri.imagePresent("i:1");
    hull.cri.script("late", Script.exits(4).printing("what it has found"));
    hull.stdin =
        """
        {apiVersion: v1, kind: Pod, metadata: {name: other}, spec: {restartPolicy: Never,
          containers: [{name: late, image: "i:1"}]}}
        """;
    assertThat(hull.run("run", "--detach", "-")).as(hull.err()).isZero();
    Files.createSymbolicLink(Spool.link(hull.socket), spool.folder());
    Files.writeString(
        spool.folder().resolve("Pod/shop/web/status.json"),
        """
        {"pod": {"status": {"phase": "Running", "ephemeralContainerStatuses": [
          {"name": "late", "containerID": "hull://container2", "state": {"running": {}}}]}}}
        """);
    String[] words = {"-n", "shop", "web", "--image", "i:1", "-c", "late", "-i", "-q"};
    assertThat(hull.run("debug", words)).as(hull.err()).isEqualTo(4);
    assertThat(hull.out()).isEqualTo("what it has found\n");
    assertThat(hull.err()).isEmpty();
  }

  @Test
  void nothingIsAddedToAPodThatHasEnded() throws IOException {
    JsonObject ended =
        JsonParser.parseString("{\"pod\": {\"status\": {\"phase\": \"Succeeded\"}}}")
            .getAsJsonObject();
    Files.writeString(spool.folder().resolve("Pod/shop/web/status.json"), ended.toString());
    assertThat(hull.run("debug", "-n", "shop", "web", "--image", "i")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("the pod web has ended (Succeeded)");
  }

  @Test
  void withoutADaemonThereIsNobodyToAsk() throws IOException {
    supervisor.close();
    assertThat(hull.run("debug", "web", "--image", "i")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("start a daemon with: hull serve");
  }
}
