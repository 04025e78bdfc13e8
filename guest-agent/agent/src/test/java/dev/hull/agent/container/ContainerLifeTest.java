package dev.hull.agent.container;

import static dev.hull.agent.container.HostAsGuest.process;
import static dev.hull.agent.container.HostAsGuest.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hull.agent.process.RunningProcess;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.ContainerState;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ProcessRef;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A container's life, with real processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerLifeTest {
  private HostAsGuest guest;
  private Containers containers;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    guest = new HostAsGuest(folder);
    containers = guest.containers();
  }

  @AfterAll
  void stop() throws Exception {
    guest.close();
  }

  private static ProcessRef ref(String container, String exec) {
    return ProcessRef.newBuilder().setContainerId(container).setExecId(exec).build();
  }

  private RunningProcess run(String id, ContainerSpec.Builder spec) throws Exception {
    containers.create(id, spec.build());
    containers.get(id).start();
    return containers.find(ref(id, ""));
  }

  private ContainerStatus end(String id) throws Exception {
    return containers.get(id).exited().get(20, TimeUnit.SECONDS);
  }

  @Test
  void runsAndSaysHowItEnded() throws Exception {
    containers.create("life", shell("echo out; echo err >&2; exit 7").build());
    assertThat(containers.get("life").status().getState())
        .isEqualTo(ContainerState.CONTAINER_STATE_CREATED);
    containers.get("life").start();

    ContainerStatus end = end("life");
    assertThat(end.getState()).isEqualTo(ContainerState.CONTAINER_STATE_EXITED);
    assertThat(end.getExitCode()).isEqualTo(7);
    assertThat(end.getOomKilled()).isFalse();
    Transcript transcript = guest.transcript(containers.find(ref("life", "")));
    transcript.toEnd();
    assertThat(transcript.out()).isEqualTo("out\n");
    assertThat(transcript.err()).isEqualTo("err\n");

    containers.remove("life");
    containers.remove("life");
    assertThat(containers.list()).noneMatch(status -> status.getContainerId().equals("life"));
    assertThat(guest.run.resolve("containers/life")).doesNotExist();
    assertThat(guest.run.resolve("scratch/life")).doesNotExist();
    assertThat(Files.readString(Path.of("/proc/self/mounts")))
        .doesNotContain(guest.run + "/containers/life/");
  }

  @Test
  void isCreatedOnceForTheSameSpecificationAndRefusedForAnother() throws Exception {
    containers.create("twice", shell("true").build());
    containers.create("twice", shell("true").build());
    assertThatThrownBy(() -> containers.create("twice", shell("false").build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS));
    containers.remove("twice");
  }

  @Test
  void startsOnlyOnce() throws Exception {
    run("once", shell("true"));
    assertThatThrownBy(() -> containers.get("once").start())
        .hasMessage("FAILED_PRECONDITION: container once was started before; create another one");
    end("once");
    containers.remove("once");
  }

  @Test
  void namesTheProgramThatDoesNotExist() throws Exception {
    containers.create("missing", shell("").setProcess(process("nginz")).build());
    assertThatThrownBy(() -> containers.get("missing").start())
        .hasMessageStartingWith("NOT_FOUND: container missing: cannot run nginz: no such program");
    ContainerStatus end = end("missing");
    assertThat(end.getExitCode()).isEqualTo(128);
    assertThat(end.getMessage()).startsWith("cannot run nginz: no such program");
    assertThat(end.hasStartedAt()).isFalse();
    containers.remove("missing");
  }

  @Test
  void namesTheProgramThatIsNotExecutable() throws Exception {
    containers.create("plain", shell("").setProcess(process("/bin/plain")).build());
    assertThatThrownBy(() -> containers.get("plain").start())
        .hasMessage(
            "PERMISSION_DENIED: container plain: cannot run /bin/plain:"
                + " it is not executable by the container's user");
    containers.remove("plain");
  }

  @Test
  void diesBySignalWith128AndItsNumber() throws Exception {
    run("killed", shell("sleep 1000"));
    containers.get("killed").signal(9, false);
    assertThat(end("killed").getExitCode()).isEqualTo(137);
    // Once it has exited, signals are no error.
    containers.get("killed").signal(9, true);
    containers.remove("killed");
  }

  @Test
  void isKilledByRemove() throws Exception {
    run("running", shell("sleep 1000 & sleep 1000"));
    containers.remove("running");
    assertThat(containers.list()).noneMatch(status -> status.getContainerId().equals("running"));
  }

  @Test
  void takesInputUntilItIsClosed() throws Exception {
    ContainerSpec.Builder spec = shell("");
    spec.setProcess(process("cat").setStdin(true));
    RunningProcess cat = run("cat", spec);
    byte[] much = new byte[60_000];
    Arrays.fill(much, (byte) 'x');
    for (int i = 0; i < 4; i++) {
      cat.write(ByteString.copyFrom(much), i == 3).get(20, TimeUnit.SECONDS);
    }
    assertThat(guest.said(cat)).hasSize(240_000);
    assertThat(end("cat").getExitCode()).isZero();
    containers.remove("cat");
  }

  @Test
  void isHeldUpByAHostThatTakesNoOutputAndLosesNothing() throws Exception {
    RunningProcess seq = run("seq", shell("seq 1 400000"));
    guest.transcript(seq).untilHeld((1 << 20) - 200_000);
    assertThat(seq.exitCode()).isNotDone();
    String said = guest.said(seq);
    assertThat(said).endsWith("\n399999\n400000\n");
    assertThat(said.lines().count()).isEqualTo(400_000);
    end("seq");
    containers.remove("seq");
  }

  @Test
  void hasATerminalOfItsOwn() throws Exception {
    ContainerSpec.Builder spec = shell("");
    spec.setProcess(
        process("sh", "-c", "tty; ls /dev/console; read line; stty size; echo got $line")
            .setTerminal(true)
            .setStdin(true));
    RunningProcess terminal = run("tty", spec);
    Transcript transcript = guest.transcript(terminal);
    transcript.until("console");
    terminal.resize(132, 43).get(5, TimeUnit.SECONDS);
    terminal.write(ByteString.copyFromUtf8("hello\n"), false).get(5, TimeUnit.SECONDS);
    transcript.toEnd();
    assertThat(transcript.out())
        .contains("/dev/pts/0\r\n", "/dev/console\r\n", "43 132\r\n", "got hello\r\n");
    assertThat(end("tty").getExitCode()).isZero();
    containers.remove("tty");
  }

  @Test
  void runsFurtherProcessesInItsNamespaces() throws Exception {
    run("host", shell("echo kept > /tmp/file; sleep 1000"));
    RunningProcess exec =
        containers.exec(
            ref("host", "e1"),
            process(
                    "sh",
                    "-c",
                    "while ! cat /tmp/file 2>/dev/null; do :; done; ps | grep -c sleep; exit 3")
                .build());
    assertThat(guest.said(exec)).startsWith("kept\n");
    assertThat(exec.exitCode().get(20, TimeUnit.SECONDS)).isEqualTo(3);
    assertThatThrownBy(() -> containers.exec(ref("host", "e1"), process("true").build()))
        .hasMessage("ALREADY_EXISTS: container host has a process e1");
    containers.forget(ref("host", "e1"));
    containers.forget(ref("host", "e1"));
    assertThatThrownBy(() -> containers.find(ref("host", "e1")))
        .hasMessage("NOT_FOUND: container host has no process e1");
    assertThatThrownBy(() -> containers.exec(ref("host", "e2"), process("nope").build()))
        .hasMessageStartingWith("NOT_FOUND: cannot run nope");
    containers.remove("host");
  }

  @Test
  void outputOfAnExecEndsSoonAfterItsExitThoughADaemonKeepsItOpen() throws Exception {
    run("daemon", shell("sleep 1000"));
    RunningProcess exec =
        containers.exec(ref("daemon", "e"), process("sh", "-c", "sleep 900 & echo bye").build());
    assertThat(exec.exitCode().get(20, TimeUnit.SECONDS)).isZero();
    assertThat(guest.said(exec)).isEqualTo("bye\n");
    containers.remove("daemon");
  }

  @Test
  void sharesThePodsPidNamespaceIfAsked() throws Exception {
    run("first", shell("sleep 987").setPodPidNamespace(true));
    RunningProcess second = run("second", shell("ps").setPodPidNamespace(true));
    assertThat(guest.said(second)).contains("sleep 987").containsPattern("(?m)^ +1 .*launch");
    end("second");
    containers.remove("second");
    containers.remove("first");
  }
}
