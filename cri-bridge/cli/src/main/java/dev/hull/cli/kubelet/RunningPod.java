package dev.hull.cli.kubelet;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.terminal.ContainerOutput;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A pod whose containers were started. Closing it stops and removes it, unless it is detached. */
public final class RunningPod implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  /** How long after its machine's end a pod's containers may still count as running. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  private final Cri cri;
  private final Time time;
  private final String id;
  private final Pod pod;
  private final PodFolder folder;
  private final Undo undo;
  private final List<Started> started = new ArrayList<>();

  RunningPod(Cri cri, Time time, String id, Pod pod, PodFolder folder, Undo undo) {
    this.cri = cri;
    this.time = time;
    this.id = id;
    this.pod = pod;
    this.folder = folder;
    this.undo = undo;
  }

  private record Started(String name, String id, LogFollower log) {}

  /** How a container ended. {@code reason} and {@code message} as CRI says them; may be empty. */
  public record Exit(
      String container, int code, long finishedAtNanos, String reason, String message) {}

  void add(String name, String containerId, ContainerOutput output) {
    LogFollower log =
        new LogFollower(
            folder.logs().resolve(name).resolve("0.log"),
            (stderr, line) -> output.line(name, stderr, line));
    started.add(new Started(name, containerId, log));
  }

  /** The sandbox's. */
  public String id() {
    return id;
  }

  /** As CRI says it, with its timeline. */
  public PodSandboxStatusResponse status() {
    PodSandboxStatusRequest request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build();
    return cri.runtime(Cri.QUICK, stub -> stub.podSandboxStatus(request));
  }

  /** Waits until every container has ended, and what they printed has been passed on. */
  public List<Exit> await(StopRequest stop)
      throws StopException, PodException, InterruptedException {
    List<Exit> exits = new ArrayList<>();
    for (Started container : started) {
      exits.add(awaitExit(container.name(), stop));
    }
    for (Started container : started) {
      container.log().close();
    }
    return exits;
  }

  /** Waits until one container has ended. */
  public Exit awaitExit(String name, StopRequest stop)
      throws StopException, PodException, InterruptedException {
    Started container =
        started.stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow();
    Optional<Long> died = Optional.empty();
    while (true) {
      stop.check();
      ContainerStatus status = containerStatus(container.id());
      if (status.getState() == ContainerState.CONTAINER_EXITED) {
        return new Exit(
            name,
            status.getExitCode(),
            status.getFinishedAt(),
            status.getReason(),
            status.getMessage());
      }
      if (died.isEmpty() && !ready()) {
        died = Optional.of(time.millis());
      }
      if (died.isPresent() && time.millis() - died.get() > SETTLING.toMillis()) {
        throw new PodException(
            "the machine of pod " + pod.name() + " ended while container " + name + " was running");
      }
      time.sleep(POLL);
    }
  }

  /** The exit code of a run: 0, or that of the container that failed first. */
  public static int exitCode(List<Exit> exits) {
    return exits.stream()
        .filter(exit -> exit.code() != 0)
        .min(Comparator.comparingLong(Exit::finishedAtNanos))
        .map(Exit::code)
        .orElse(0);
  }

  /** Leaves the pod running; closing does nothing then. */
  public void detach() {
    undo.release();
    closeLogs();
  }

  /** True if everything is gone. */
  public boolean isReleased() {
    return undo.isDone();
  }

  @Override
  public void close() {
    undo.close();
    closeLogs();
  }

  void stopNow() {
    new Sandboxes(cri).stop(id, pod.gracePeriod());
    // Before the folder goes: containers may have had last words.
    closeLogs();
  }

  private void closeLogs() {
    started.forEach(container -> container.log().close());
  }

  private ContainerStatus containerStatus(String containerId) {
    ContainerStatusRequest request =
        ContainerStatusRequest.newBuilder().setContainerId(containerId).build();
    return cri.runtime(Cri.QUICK, stub -> stub.containerStatus(request)).getStatus();
  }

  private boolean ready() {
    PodSandboxStatusRequest request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build();
    return cri.runtime(Cri.QUICK, stub -> stub.podSandboxStatus(request)).getStatus().getState()
        == PodSandboxState.SANDBOX_READY;
  }
}
