package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.VersionRequest;
import dev.hull.images.Digest;
import dev.hull.vm.FakeProgram;
import dev.hull.vm.MachineId;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RestartTest {
  @TempDir Path folder;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void theSamePodsAndContainersAreThereWithAllThatWasAsked() throws Exception {
    String pod = daemon.run("web");
    String one = daemon.started(pod, "one", "sleep");
    String two = daemon.create(pod, "two", "exit", "3");
    ContainerStatus before = daemon.status(one);
    daemon.restart();
    assertThat(daemon.status(one)).isEqualTo(before);
    var status =
        daemon
            .runtime()
            .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build());
    assertThat(status.getStatus().getAnnotationsMap()).containsEntry("note", "kept");
    SandboxTest.refused(() -> daemon.run("web"), io.grpc.Status.Code.ALREADY_EXISTS, pod);
    daemon.start(two);
    await().until(() -> daemon.status(two).getExitCode() == 3);
    var _ =
        daemon
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    daemon.machines().checkNothingLeaked();
    assertThat(daemon.images().pins()).isEmpty();
  }

  @Test
  void logsGoOnWhereTheyStoppedAndExitsOfThatTimeAreKnown() throws Exception {
    CountDownLatch away = new CountDownLatch(1);
    CountDownLatch back = new CountDownLatch(1);
    FakeProgram talker =
        io -> {
          io.print("before\n");
          away.await();
          io.print("meanwhile\n");
          back.await();
          io.print("after\n");
          return 5;
        };
    daemon.machines().programs(_ -> talker);
    String id = daemon.started(daemon.run("web"), "one", "talk");
    Path log = daemon.logs().resolve("web/one/0.log");
    await().until(() -> Files.readString(log).contains("before"));
    away.countDown();
    daemon.restart();
    back.countDown();
    await().until(() -> daemon.status(id).getState() == ContainerState.CONTAINER_EXITED);
    assertThat(daemon.status(id).getExitCode()).isEqualTo(5);
    assertThat(Files.readAllLines(log))
        .extracting(line -> line.substring(line.lastIndexOf(' ') + 1))
        .containsExactly("before", "meanwhile", "after");
  }

  @Test
  void aPodWhoseAgentIsOfAnotherReleaseIsNotReadyAndSaysWhyAndCanBeRemoved() throws Exception {
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "sleep");
    daemon.machines().unmanage(new MachineId(pod), "it speaks another version");
    daemon.restart();
    var status =
        daemon
            .runtime()
            .podSandboxStatus(
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).setVerbose(true).build());
    assertThat(status.getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(status.getInfoOrThrow("hull"))
        .contains("\"unmanaged\":{\"reason\":\"it speaks another version\"}");
    assertThat(daemon.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    SandboxTest.refused(
        () -> daemon.create(pod, "two", "sleep"),
        io.grpc.Status.Code.FAILED_PRECONDITION,
        "runs on and can only be stopped: it speaks another version");
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    assertThat(daemon.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    var _ =
        daemon
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    daemon.machines().checkNothingLeaked();
  }

  @Test
  void outputThatNobodyWantsIsDroppedAlsoAfterARestart() throws Exception {
    String pod = daemon.run("web");
    CountDownLatch end = new CountDownLatch(1);
    daemon
        .machines()
        .programs(
            _ ->
                io -> {
                  io.print("x\n");
                  end.await();
                  io.print("y\n");
                  return 0;
                });
    String id = daemon.create(pod, daemon.container("one", "talk").clearLogPath().build());
    daemon.start(id);
    daemon.restart();
    end.countDown();
    await().until(() -> daemon.status(id).getState() == ContainerState.CONTAINER_EXITED);
    assertThat(daemon.logs()).doesNotExist();
  }

  @Test
  void aPinWhoseContainerWasNeverMadeIsReleased() throws Exception {
    String orphan = "f".repeat(64);
    daemon.images().pin(new Digest("sha256:" + orphan), orphan);
    Files.createDirectories(daemon.root().resolve("containers").resolve(orphan));
    daemon.restart();
    assertThat(daemon.images().pins()).isEmpty();
    assertThat(daemon.root().resolve("containers")).isEmptyDirectory();
  }

  @Test
  void theSocketIsForRootAndItsGroup() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket())))
        .isEqualTo("rw-rw----");
    assertThat(daemon.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
        .isEqualTo("hull");
  }

  @Test
  void aLeftoverSocketIsReplacedAndALivingOneIsNot() throws Exception {
    Path socket = folder.resolve("other.sock");
    try (ServerSocketChannel living = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      living.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> new SocketFile(socket).prepare())
          .isInstanceOf(HostException.class)
          .hasMessageContaining("a daemon already serves on " + socket);
    }
    assertThat(socket).exists();
    var _ = new SocketFile(socket).prepare();
    assertThat(socket).doesNotExist();
  }

  @Test
  void oneRootHasOneDaemon() {
    assertThatThrownBy(() -> RootLock.take(daemon.root()))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("another daemon uses the root");
  }
}
