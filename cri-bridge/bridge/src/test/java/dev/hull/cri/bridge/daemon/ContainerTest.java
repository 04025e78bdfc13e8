package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStateValue;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.Int64Value;
import dev.hull.cri.v1.LinuxContainerUser;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.ReopenContainerLogRequest;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.vm.ContainerSpec.PidNamespace;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerTest {
  @TempDir Path folder;
  private TestDaemon daemon;
  private String pod;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
    pod = daemon.run("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void whatIsNotThereIsNotFoundButCanBeStoppedAndRemoved() {
    refused(() -> daemon.status("abc"), Status.Code.NOT_FOUND, "there is no container abc");
    refused(() -> daemon.start("abc"), Status.Code.NOT_FOUND, "there is no container abc");
    refused(
        () -> daemon.create("abc", "one", "sleep"),
        Status.Code.NOT_FOUND,
        "there is no pod sandbox abc");
    stop("abc", 1);
    remove("abc");
  }

  @Test
  void aContainerStartsOnce() {
    String id = daemon.started(pod, "one", "sleep");
    refused(() -> daemon.start(id), Status.Code.FAILED_PRECONDITION, "was started already");
    stop(id, 5);
    refused(() -> daemon.start(id), Status.Code.FAILED_PRECONDITION, "a container runs once");
  }

  @Test
  void statusTellsWhoItRunsAsFromItsStartOn() throws Exception {
    ContainerConfig.Builder config = daemon.container("one", "sleep");
    config
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setRunAsUser(Int64Value.newBuilder().setValue(7))
        .setRunAsGroup(Int64Value.newBuilder().setValue(8))
        .addSupplementalGroups(9);
    String id = daemon.create(pod, config.build());
    assertThat(daemon.status(id).hasUser()).isFalse();
    daemon.start(id);
    LinuxContainerUser user =
        LinuxContainerUser.newBuilder()
            .setUid(7)
            .setGid(8)
            .addSupplementalGroups(8)
            .addSupplementalGroups(9)
            .build();
    assertThat(daemon.status(id).getUser().getLinux()).isEqualTo(user);
    daemon.restart();
    assertThat(daemon.status(id).getUser().getLinux()).isEqualTo(user);
  }

  @Test
  void aContainerSeesTheProcessesOfOneThatRunsInItsPodOnly() {
    String target = daemon.create(pod, "target", "sleep");
    refused(
        () -> daemon.create(pod, targeting(target)),
        Status.Code.FAILED_PRECONDITION,
        "target_id: container " + target + " does not run; start it first");
    daemon.start(target);
    refused(
        () -> daemon.create(daemon.run("other"), targeting(target)),
        Status.Code.INVALID_ARGUMENT,
        "target_id: container " + target + " is of another pod sandbox");
    refused(
        () -> daemon.create(pod, targeting("abc")),
        Status.Code.NOT_FOUND,
        "there is no container abc");
    refused(
        () -> daemon.create(pod, targeting("")),
        Status.Code.INVALID_ARGUMENT,
        "target_id is empty");
    String id = daemon.create(pod, targeting(target.substring(0, 13)));
    daemon.start(id);
    assertThat(
            daemon.machines().find(new MachineId(pod)).orElseThrow().containers().stream()
                .filter(container -> container.spec().id().equals(id))
                .map(container -> container.spec().pidNamespace()))
        .containsExactly(new PidNamespace.Of(target));
  }

  private ContainerConfig targeting(String target) {
    ContainerConfig.Builder config = daemon.container("debug", "sleep");
    config
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setPid(NamespaceMode.TARGET)
        .setTargetId(target);
    return config.build();
  }

  @Test
  void nothingStartsInAPodThatHasStopped() {
    String id = daemon.create(pod, "one", "sleep");
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    refused(() -> daemon.start(id), Status.Code.FAILED_PRECONDITION, "run a new one");
    refused(
        () -> daemon.create(pod, "two", "sleep"), Status.Code.FAILED_PRECONDITION, "has stopped");
  }

  @Test
  void aNameIsTakenUntilItsContainerIsRemoved() {
    String id = daemon.create(pod, "one", "sleep");
    refused(() -> daemon.create(pod, "one", "sleep"), Status.Code.ALREADY_EXISTS, id);
    remove(id);
    assertThat(daemon.create(pod, "one", "sleep")).isNotEqualTo(id);
  }

  @Test
  void anImageThatIsNotHereIsNamed() {
    ContainerConfig config =
        daemon
            .container("one", "sleep")
            .setImage(ImageSpec.newBuilder().setImage("nginx:1"))
            .build();
    refused(
        () -> daemon.create(pod, config),
        Status.Code.NOT_FOUND,
        "the image nginx:1 is not here; pull it first");
  }

  @Test
  void aFailedCreationLeavesNothing() {
    daemon
        .machines()
        .failNext(
            FakeMachines.Operation.CREATE_CONTAINER,
            new MachineException(MachineException.Kind.UNAVAILABLE, "the agent does not answer"));
    refused(
        () -> daemon.create(pod, "one", "sleep"),
        Status.Code.UNAVAILABLE,
        "the agent does not answer");
    assertThat(daemon.images().pins()).isEmpty();
    assertThat(folder.resolve("root/containers")).isEmptyDirectory();
    daemon.create(pod, "one", "sleep");
  }

  @Test
  void aProgramThatIsNotThereIsSaidAndShown() {
    String id = daemon.create(pod, "one", "/nowhere");
    refused(() -> daemon.start(id), Status.Code.INVALID_ARGUMENT, "/nowhere: no such program");
    ContainerStatus status = daemon.status(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getReason()).isEqualTo("StartError");
    assertThat(status.getMessage()).contains("/nowhere");
    assertThat(status.getStartedAt()).isZero();
  }

  @Test
  void statusTellsTheWholeLife() {
    String id = daemon.create(pod, "one", "exit", "3");
    assertThat(daemon.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    daemon.start(id);
    ContainerStatus status = exited(id);
    assertThat(status.getExitCode()).isEqualTo(3);
    assertThat(status.getReason()).isEqualTo("Error");
    assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(status.getStartedAt());
    assertThat(status.getImageId()).startsWith("sha256:");
    assertThat(status.getImageRef()).startsWith("docker.io/library/debian@sha256:");
    assertThat(status.getLogPath()).isEqualTo(daemon.logs().resolve("web/one/0.log").toString());
    var info =
        daemon
            .runtime()
            .containerStatus(
                ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true).build())
            .getInfoOrThrow("hull");
    assertThat(JsonParser.parseString(info).getAsJsonObject().keySet())
        .contains("sandboxId", "createMillis", "startMillis");
  }

  @Test
  void statusTellsWhichImageAMountIsOfAlsoAfterARestart() throws Exception {
    ContainerConfig config =
        daemon
            .container("one", "sleep")
            .addMounts(
                Mount.newBuilder()
                    .setContainerPath("/data")
                    .setReadonly(true)
                    .setImage(ImageSpec.newBuilder().setImage("debian:12")))
            .build();
    String id = daemon.create(pod, config);
    String image = daemon.status(id).getImageId();
    assertThat(daemon.status(id).getMounts(0).getImage())
        .isEqualTo(ImageSpec.newBuilder().setImage("debian:12").setImageRef(image).build());
    daemon.restart();
    assertThat(daemon.status(id).getMounts(0).getImage().getImageRef()).isEqualTo(image);
  }

  @Test
  void anOutOfMemoryKillIsNamed() {
    String id = daemon.started(pod, "one", "sleep");
    daemon.machines().oomKill(new MachineId(pod), id);
    assertThat(exited(id).getReason()).isEqualTo("OOMKilled");
    assertThat(exited(id).getExitCode()).isEqualTo(137);
  }

  @Test
  void stopAsksThenKills() {
    String polite = daemon.started(pod, "polite", "sleep");
    stop(polite, 10);
    stop(polite, 10);
    assertThat(daemon.status(polite).getExitCode()).isEqualTo(143);
    String deaf = daemon.started(pod, "deaf", "deaf");
    stop(deaf, 1);
    assertThat(daemon.status(deaf).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(daemon.status(deaf).getExitCode()).isEqualTo(137);
  }

  @Test
  void removalEndsWhatRunsAndCanBeRepeated() {
    String id = daemon.started(pod, "one", "sleep");
    assertThat(daemon.images().pins()).containsOnlyKeys(id);
    remove(id);
    remove(id);
    assertThat(daemon.images().pins()).isEmpty();
    refused(() -> daemon.status(id), Status.Code.NOT_FOUND, "there is no container");
  }

  @Test
  void aDeadMachineEndsItsContainersAndSaysWhy() {
    String id = daemon.started(pod, "one", "sleep");
    daemon.machines().kill(new MachineId(pod), "QEMU was killed");
    ContainerStatus status = daemon.status(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getExitCode()).isEqualTo(137);
    assertThat(status.getMessage()).contains("QEMU was killed");
    assertThat(status.getReason()).isEqualTo("MachineStopped");
  }

  @Test
  void listsByStatePodLabelsAndPartOfTheId() {
    String one = daemon.started(pod, "one", "sleep");
    String two = daemon.create(pod, "two", "sleep");
    String other = daemon.create(daemon.run("db"), "three", "sleep");
    assertThat(list(ContainerFilter.newBuilder())).containsExactly(one, two, other);
    assertThat(list(ContainerFilter.newBuilder().setPodSandboxId(pod))).containsExactly(one, two);
    assertThat(list(ContainerFilter.newBuilder().setId(two.substring(0, 10)))).containsExactly(two);
    assertThat(list(ContainerFilter.newBuilder().putLabelSelector("container", "three")))
        .containsExactly(other);
    assertThat(
            list(
                ContainerFilter.newBuilder()
                    .setPodSandboxId(pod)
                    .setState(
                        ContainerStateValue.newBuilder()
                            .setState(ContainerState.CONTAINER_RUNNING))))
        .containsExactly(one);
  }

  @Test
  void outputIsWholeInTheLogWhenTheExitIsSeen() throws Exception {
    String id = daemon.started(pod, "one", "echo", "hello\nworld");
    exited(id);
    List<String> lines = log("one");
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).matches("\\d{4}-.*Z stdout F hello");
    assertThat(lines.get(1)).endsWith("Z stdout P world");
    assertThat(lines.get(2)).endsWith("Z stdout F ");
  }

  @Test
  void aLogIsReopenedOnlyWhileItsContainerRuns() throws Exception {
    String id = daemon.started(pod, "one", "sleep");
    Path file = daemon.logs().resolve("web/one/0.log");
    Files.move(file, file.resolveSibling("0.log.1"));
    reopen(id);
    assertThat(file).isEmptyFile();
    stop(id, 5);
    Files.delete(file);
    refused(() -> reopen(id), Status.Code.FAILED_PRECONDITION, "it does not run");
    assertThat(file).doesNotExist();
  }

  @Test
  void aLogThatCannotBeWrittenIsAnErrorBeforeTheProgramRuns() throws Exception {
    Files.createDirectories(daemon.logs().resolve("web/one/0.log"));
    String id = daemon.create(pod, "one", "sleep");
    refused(() -> daemon.start(id), Status.Code.FAILED_PRECONDITION, "is not a regular file");
    assertThat(daemon.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
  }

  @Test
  void execReturnsOutputAndExitCode() {
    String id = daemon.started(pod, "one", "sleep");
    ExecSyncResponse out = exec(id, 5, "echo", "hi");
    assertThat(out.getStdout().toStringUtf8()).isEqualTo("hi");
    assertThat(exec(id, 5, "stderr", "bad").getStderr().toStringUtf8()).isEqualTo("bad");
    assertThat(exec(id, 0, "exit", "7").getExitCode()).isEqualTo(7);
  }

  @Test
  void execIsKilledAtItsTimeout() {
    String id = daemon.started(pod, "one", "sleep");
    refused(() -> exec(id, 1, "sleep"), Status.Code.DEADLINE_EXCEEDED, "was killed");
    daemon.machines().kill(new MachineId(pod), "end");
    remove(id);
  }

  @Test
  void execNeedsARunningContainerAndACommand() {
    String id = daemon.create(pod, "one", "sleep");
    refused(() -> exec(id, 1, "echo"), Status.Code.FAILED_PRECONDITION, "it does not run");
    refused(() -> exec(id, 1), Status.Code.INVALID_ARGUMENT, "cmd must not be empty");
    refused(() -> exec(id, -1, "echo"), Status.Code.INVALID_ARGUMENT, "timeout");
  }

  private ContainerStatus exited(String id) {
    return await()
        .until(
            () -> daemon.status(id),
            status -> status.getState() == ContainerState.CONTAINER_EXITED);
  }

  private List<String> log(String container) throws IOException {
    return Files.readAllLines(daemon.logs().resolve("web").resolve(container).resolve("0.log"));
  }

  private List<String> list(ContainerFilter.Builder filter) {
    return daemon
        .runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList()
        .stream()
        .map(Container::getId)
        .toList();
  }

  private ExecSyncResponse exec(String id, long timeout, String... cmd) {
    return daemon
        .runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(id)
                .setTimeout(timeout)
                .addAllCmd(List.of(cmd))
                .build());
  }

  private void reopen(String id) {
    var _ =
        daemon
            .runtime()
            .reopenContainerLog(ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
  }

  private void stop(String id, long timeout) {
    var _ =
        daemon
            .runtime()
            .stopContainer(
                StopContainerRequest.newBuilder().setContainerId(id).setTimeout(timeout).build());
  }

  private void remove(String id) {
    var _ =
        daemon
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }
}
