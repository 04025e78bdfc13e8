package dev.hull.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.HullProcess;
import dev.hull.tests.harness.LayoutRegistry;
import dev.hull.tests.harness.TestEnvironment;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command line from end to end, each command in a process of its own. */
@Tag("machine")
@Timeout(420)
final class CommandsTest {
  private static final int INTERRUPTED = 130;

  @TempDir private Path folder;
  private LayoutRegistry registry;
  private Path root;

  @BeforeEach
  void prepare() throws IOException {
    registry = new LayoutRegistry(TestEnvironment.samples());
    // A test's own folder is closed to others, and QEMU is another.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    root = Files.createDirectory(folder.resolve("root"));
  }

  @AfterEach
  void close() {
    registry.close();
  }

  /** A pod of containers {@code a}, {@code b}, … that run these scripts. */
  private Path manifest(String... scripts) throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: my-pod
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 10
              containers:
            """);
    char name = 'a';
    for (String script : scripts) {
      text.append(
          """
              - name: %s
                image: %s
                imagePullPolicy: IfNotPresent
                command: ["/bin/bash", "-c", "%s"]
          """
              .formatted(name++, registry.reference(TestPod.DEBIAN), script));
    }
    return Files.writeString(folder.resolve("pod.yaml"), text);
  }

  private HullProcess hull(String... arguments) {
    return HullProcess.start(root, arguments);
  }

  private String succeeds(String... arguments) {
    try (HullProcess process = hull(arguments)) {
      assertThat(process.exitCode()).as(process.out() + process.err()).isZero();
      return process.out();
    }
  }

  /** The pids of the machines below this test's root. */
  private List<Long> machines() {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .filter(line -> line.contains("qemu-system") && line.contains(root.toString()))
                    .isPresent())
        .map(ProcessHandle::pid)
        .toList();
  }

  @Test
  void whatAKilledRunLeavesTheNextRemovesAndCtrlCStopsItInOrder() throws IOException {
    Path forever = manifest("trap 'echo bye; exit 0' TERM; echo ready; sleep 1000 & wait");
    HostState before = HostState.now(List.of(root));
    HullProcess killed = hull("run", forever.toString()).awaitOutput("ready");
    killed.kill();
    List<Long> left = machines();
    assertThat(left).as("the killed run's machine").hasSize(1);

    try (HullProcess next = hull("run", forever.toString())) {
      next.awaitOutput("ready");
      assertThat(next.err()).contains("which a hull that was killed has left");
      assertThat(machines()).as("the new one").hasSize(1).doesNotContainAnyElementsOf(left);
      assertThat(next.interrupt().exitCode()).as(next.err()).isEqualTo(INTERRUPTED);
      assertThat(next.out()).contains("bye");
    }
    assertThat(HostState.now(List.of(root)).since(before)).containsOnly(root + ": run");
  }

  @Test
  void outputHasTheContainersNameAndTheExitCodeIsTheFirstFailures() throws IOException {
    Path manifest = manifest("echo from a", "echo from b; exit 3");
    try (HullProcess run = hull("run", manifest.toString())) {
      assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
      assertThat(run.out().lines().map(line -> line.replaceAll(" +", " ")))
          .containsExactlyInAnyOrder("a | from a", "b | from b");
      assertThat(run.err()).contains("container b exited with 3");
    }
  }

  @Test
  void withADaemonEveryCommandDoesItsPart() throws IOException {
    String samples = TestEnvironment.samples().toString();
    String socket = root.resolve("hull.sock").toString();
    HostState before = HostState.now(List.of());
    try (HullProcess daemon =
        hull("serve", "--socket", socket, "--root", root.resolve("daemon").toString())) {
      daemon.awaitFile(Path.of(socket));
      assertThat(succeeds("load", "--socket", socket, samples)).contains("sha256:");
      assertThat(succeeds("images", "--socket", socket))
          .contains("hull.local/debian", "hull.local/nginx");

      Path pod = manifest("echo ready; sleep 1000");
      succeeds("run", "--detach", "--socket", socket, pod.toString());
      assertThat(succeeds("ps", "--socket", socket)).contains("my-pod");
      try (HullProcess logs = hull("logs", "-f", "--socket", socket, "my-pod", "-c", "a")) {
        logs.awaitOutput("ready");
        try (HullProcess exec =
            hull("exec", "--socket", socket, "my-pod", "-c", "a", "--", "hostname")) {
          assertThat(exec.exitCode()).as(exec.err()).isZero();
          assertThat(exec.out()).isEqualTo("my-pod\n");
        }
        assertThat(succeeds("inspect", "--socket", socket, "my-pod")).contains("my-pod");
        assertThat(succeeds("rm", "--grace", "0s", "--socket", socket, "my-pod"))
            .contains("my-pod");
        assertThat(logs.exitCode()).as("the log ends with the pod: " + logs.err()).isZero();
      }
      assertThat(succeeds("ps", "--socket", socket)).doesNotContain("my-pod");

      Path good = manifest("echo good");
      assertThat(succeeds("run", "--socket", socket, good.toString())).contains("good");
    }
    assertThat(HostState.now(List.of()).since(before)).isEmpty();
  }
}
