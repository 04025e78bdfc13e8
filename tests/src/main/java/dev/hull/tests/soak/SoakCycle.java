package dev.hull.tests.soak;

import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import dev.hull.tests.soak.Kill.Moment;
import dev.hull.tests.soak.Kill.Victim;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * One pod from its start to its removal, somewhere in which somebody is killed. What the daemon
 * says of the pod afterwards must be true, and stop and removal must succeed, as a kubelet repeats
 * them.
 */
public final class SoakCycle {
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final String CONTENT = "still here";

  private final Daemon daemon;
  private final Path logs;
  private final Kill kill;
  private final Random random;

  public SoakCycle(Daemon daemon, Path logs, Kill kill, Random random) {
    this.daemon = daemon;
    this.logs = logs;
    this.kill = kill;
    this.random = random;
  }

  /**
   * Blocks until the pod is gone.
   *
   * @throws UntrueException if the daemon said what is not so, or nothing in time
   */
  public void run() throws UntrueException {
    PodSandboxConfig config = TestPod.config(logs);
    Optional<TestPod> started =
        kill.isAt(Moment.STARTING)
            ? during(() -> TestPod.run(daemon, config))
            : Optional.of(TestPod.run(daemon, config));
    if (kill.isAt(Moment.STARTING)) {
      started.ifPresent(this::requireUsableOrDead);
    } else {
      work(started.orElseThrow());
    }
    removeAll();
  }

  /** A start that succeeded although a machine was killed meanwhile: it was another's, or late. */
  private void requireUsableOrDead(TestPod pod) {
    await("the pod can be used, or the daemon tells that its machine died")
        .atMost(TOLD_WITHIN)
        .pollInterval(LOOK_EVERY)
        .until(() -> pod.status().getState() == PodSandboxState.SANDBOX_NOTREADY || canBeUsed(pod));
  }

  private static boolean canBeUsed(TestPod pod) {
    try {
      String container = pod.shell("first", "exec sleep infinity");
      pod.removeContainer(container);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private void work(TestPod pod) throws UntrueException {
    String container = pod.shell("work", "echo " + CONTENT + " > /file; exec sleep infinity");
    if (kill.isAt(Moment.RUNNING)) {
      strike(Optional.of(MachineProcesses.of(pod.id())));
      if (kill.victim() == Victim.DAEMON) {
        requireSame(pod, container);
      } else {
        requireDead(pod, container);
      }
    }
    if (kill.isAt(Moment.STOPPING)) {
      var _ =
          during(
              () -> {
                pod.stop();
                return pod;
              });
    }
  }

  /**
   * Somebody is killed meanwhile. Empty if the call failed, which it may, but only by telling so: a
   * call without an answer is none that a kubelet can go on from.
   */
  private <T> Optional<T> during(Supplier<T> call) throws UntrueException {
    CompletableFuture<T> answer = CompletableFuture.supplyAsync(call, Thread::startVirtualThread);
    // It is a moment in real time that is wanted, not a condition.
    try {
      Thread.sleep(kill.after());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UntrueException("interrupted");
    }
    strike(anyMachine());
    try {
      return Optional.of(answer.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof StatusRuntimeException refused
          && refused.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The pod's, or one that stands by or is being made; there may be none yet, or none any more. */
  private Optional<MachineProcesses> anyMachine() {
    List<MachineProcesses> machines = MachineProcesses.under(daemon.root());
    return machines.isEmpty()
        ? Optional.empty()
        : Optional.of(machines.get(random.nextInt(machines.size())));
  }

  private void strike(Optional<MachineProcesses> machine) {
    switch (kill.victim()) {
      case NOBODY -> {}
      case DAEMON -> {
        daemon.kill();
        var _ = daemon.startStanding();
      }
      case QEMU -> machine.ifPresent(processes -> end(processes.qemu()));
      case VIRTIOFSD ->
          machine.ifPresent(processes -> processes.virtiofsd().forEach(SoakCycle::end));
    }
  }

  private static void end(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private void requireSame(TestPod pod, String container) throws UntrueException {
    require(
        pod.status().getState() == PodSandboxState.SANDBOX_READY,
        "the pod's machine runs on, and the daemon that has come back says it does not");
    require(
        pod.status(container).getState() == ContainerState.CONTAINER_RUNNING,
        "the container runs on, and the daemon that has come back says it does not");
    String said = pod.exec(container, "cat", "/file").getStdout().toStringUtf8().strip();
    require(said.equals(CONTENT), "the container is not the one that it was; its file has " + said);
  }

  private void requireDead(TestPod pod, String container) {
    await("the daemon tells that the machine died")
        .atMost(TOLD_WITHIN)
        .pollInterval(LOOK_EVERY)
        .until(
            () -> {
              ContainerStatus status = pod.status(container);
              return pod.status().getState() == PodSandboxState.SANDBOX_NOTREADY
                  && status.getState() == ContainerState.CONTAINER_EXITED
                  && status.getExitCode() != 0
                  && !status.getReason().equals("Completed");
            });
  }

  /** As a kubelet does: whatever is listed is stopped and removed, until nothing is listed. */
  private void removeAll() throws UntrueException {
    for (PodSandbox sandbox : new ArrayList<>(listed())) {
      TestPod.of(daemon, PodSandboxConfig.getDefaultInstance(), sandbox.getId()).close();
    }
    List<PodSandbox> left = listed();
    require(left.isEmpty(), "sandboxes are listed after their removal: " + left);
  }

  private List<PodSandbox> listed() {
    return daemon
        .cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private static void require(boolean condition, String otherwise) throws UntrueException {
    if (!condition) {
      throw new UntrueException(otherwise);
    }
  }
}
