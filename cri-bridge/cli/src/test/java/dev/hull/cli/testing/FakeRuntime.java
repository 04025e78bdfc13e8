package dev.hull.cli.testing;

import com.google.protobuf.ByteString;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.AttachResponse;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ContainerStatusResponse;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.CreateContainerResponse;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.ExecResponse;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListContainersResponse;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.ListPodSandboxResponse;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxNetworkStatus;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.PodSandboxStatus;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.RemoveContainerResponse;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RemovePodSandboxResponse;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxResponse;
import dev.hull.cri.v1.RuntimeServiceGrpc;
import dev.hull.cri.v1.StartContainerRequest;
import dev.hull.cri.v1.StartContainerResponse;
import dev.hull.cri.v1.StatusRequest;
import dev.hull.cri.v1.StatusResponse;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.cri.v1.StopContainerResponse;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxResponse;
import dev.hull.cri.v1.VersionRequest;
import dev.hull.cri.v1.VersionResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Sandboxes and containers that exist on paper. Calls in the wrong order fail, as they should. */
final class FakeRuntime extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private static final String NOBODY = "http://127.0.0.1:1/nobody";

  /** One second of 2026 in nanoseconds, so that ages can be compared. */
  private static final long EPOCH = 1_767_225_600_000_000_000L;

  private final Calls calls;
  private final FakeImages images;
  final Map<String, List<FakeCri.Script>> scripts = new ConcurrentHashMap<>();
  final Map<String, Integer> execs = new ConcurrentHashMap<>();
  private final Map<String, Sandbox> sandboxes = new LinkedHashMap<>();
  private final Map<String, Live> containers = new LinkedHashMap<>();
  private long clock = EPOCH;
  private int next;

  FakeRuntime(Calls calls, FakeImages images) {
    this.calls = calls;
    this.images = images;
  }

  private static final class Sandbox {
    final PodSandbox pod;
    final PodSandboxConfig config;
    boolean ready = true;

    Sandbox(PodSandbox pod, PodSandboxConfig config) {
      this.pod = pod;
      this.config = config;
    }
  }

  private static final class Live {
    final String sandbox;
    final ContainerConfig config;
    final long createdAt;
    ContainerState state = ContainerState.CONTAINER_CREATED;
    int exitCode;
    int looks;
    long finishedAt;

    Live(String sandbox, ContainerConfig config, long createdAt) {
      this.sandbox = sandbox;
      this.config = config;
      this.createdAt = createdAt;
    }
  }

  synchronized boolean isEmpty() {
    return sandboxes.isEmpty() && containers.isEmpty();
  }

  /** As if every machine had been killed. */
  synchronized void killMachines() {
    sandboxes.values().forEach(sandbox -> sandbox.ready = false);
  }

  synchronized ContainerConfig config(String name) {
    return containers.values().stream()
        .map(live -> live.config)
        .filter(config -> config.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    calls.answer(
        observer,
        StatusResponse.newBuilder()
            .putInfo(
                "hull",
                """
                {"machine.memory-mib": "512", "templates.spare": "2", "templates.spare.ready": "1"}
                """)
            .build());
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
    calls.answer(observer, VersionResponse.newBuilder().setRuntimeName("fake").build());
  }

  @Override
  public synchronized void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> observer) {
    calls.note("RunPodSandbox " + request.getConfig().getMetadata().getName());
    if (calls.fails("RunPodSandbox", observer)) {
      return;
    }
    String id = "sandbox" + ++next;
    PodSandbox pod =
        PodSandbox.newBuilder()
            .setId(id)
            .setMetadata(request.getConfig().getMetadata())
            .putAllAnnotations(request.getConfig().getAnnotationsMap())
            .setCreatedAt(tick())
            .build();
    sandboxes.put(id, new Sandbox(pod, request.getConfig()));
    calls.answer(observer, RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build());
  }

  @Override
  public synchronized void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
    String name = request.getConfig().getMetadata().getName();
    calls.note("CreateContainer " + name);
    boolean imageKnown =
        images.present.values().stream()
            .anyMatch(image -> image.getId().equals(request.getConfig().getImage().getImage()));
    if (!sandboxes.containsKey(request.getPodSandboxId()) || !imageKnown) {
      observer.onError(Status.NOT_FOUND.withDescription("no sandbox or image").asException());
      return;
    }
    if (calls.fails("CreateContainer", observer)) {
      return;
    }
    String id = "container" + ++next;
    containers.put(id, new Live(request.getPodSandboxId(), request.getConfig(), tick()));
    calls.answer(observer, CreateContainerResponse.newBuilder().setContainerId(id).build());
  }

  @Override
  public synchronized void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
    Live live = live(request.getContainerId(), observer);
    if (live == null) {
      return;
    }
    String name = live.config.getMetadata().getName();
    calls.note("StartContainer " + name);
    live.state = ContainerState.CONTAINER_RUNNING;
    FakeCri.Script script = script(live);
    log(live, script.output());
    if (script.looksUntilExit() == 0) {
      exit(live, script.exitCode());
    }
    calls.answer(observer, StartContainerResponse.getDefaultInstance());
  }

  @Override
  public synchronized void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
    Live live = live(request.getContainerId(), observer);
    if (live == null) {
      return;
    }
    FakeCri.Script script = script(live);
    if (live.state == ContainerState.CONTAINER_RUNNING
        && script.looksUntilExit() > 0
        && ++live.looks >= script.looksUntilExit()) {
      exit(live, script.exitCode());
    }
    ContainerStatus status =
        ContainerStatus.newBuilder()
            .setId(request.getContainerId())
            .setMetadata(live.config.getMetadata())
            .setState(live.state)
            .setExitCode(live.exitCode)
            .setStartedAt(live.createdAt)
            .setFinishedAt(live.finishedAt)
            .setLogPath(path(live).toString())
            .build();
    calls.answer(observer, ContainerStatusResponse.newBuilder().setStatus(status).build());
  }

  @Override
  public synchronized void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> observer) {
    Live live = live(request.getContainerId(), observer);
    if (live == null) {
      return;
    }
    calls.note(
        "StopContainer " + live.config.getMetadata().getName() + " " + request.getTimeout() + "s");
    log(live, script(live).lastWords());
    exit(live, 143);
    calls.answer(observer, StopContainerResponse.getDefaultInstance());
  }

  synchronized void exit(String container, int code) {
    containers.values().stream()
        .filter(live -> live.config.getMetadata().getName().equals(container))
        .filter(live -> live.state == ContainerState.CONTAINER_RUNNING)
        .forEach(live -> exit(live, code));
  }

  @Override
  public synchronized void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
    Live live = live(request.getContainerId(), observer);
    if (live == null) {
      return;
    }
    calls.note(
        "RemoveContainer "
            + live.config.getMetadata().getName()
            + " "
            + live.config.getMetadata().getAttempt());
    containers.remove(request.getContainerId());
    calls.answer(observer, RemoveContainerResponse.getDefaultInstance());
  }

  @Override
  public synchronized void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> observer) {
    calls.note("StopPodSandbox");
    if (calls.fails("StopPodSandbox", observer)) {
      return;
    }
    Sandbox sandbox = sandboxes.get(request.getPodSandboxId());
    if (sandbox != null) {
      sandbox.ready = false;
    }
    calls.answer(observer, StopPodSandboxResponse.getDefaultInstance());
  }

  @Override
  public synchronized void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> observer) {
    calls.note("RemovePodSandbox");
    Sandbox sandbox = sandboxes.get(request.getPodSandboxId());
    if (sandbox != null && sandbox.ready) {
      observer.onError(
          Status.FAILED_PRECONDITION.withDescription("the sandbox is not stopped").asException());
      return;
    }
    sandboxes.remove(request.getPodSandboxId());
    containers.values().removeIf(live -> live.sandbox.equals(request.getPodSandboxId()));
    calls.answer(observer, RemovePodSandboxResponse.getDefaultInstance());
  }

  @Override
  public synchronized void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> observer) {
    Sandbox sandbox = sandboxes.get(request.getPodSandboxId());
    if (sandbox == null) {
      observer.onError(Status.NOT_FOUND.withDescription("no such sandbox").asException());
      return;
    }
    PodSandboxStatus status =
        PodSandboxStatus.newBuilder()
            .setId(request.getPodSandboxId())
            .setMetadata(sandbox.pod.getMetadata())
            .setState(state(sandbox))
            .setNetwork(PodSandboxNetworkStatus.newBuilder().setIp("10.0.0.2"))
            .build();
    calls.answer(
        observer,
        PodSandboxStatusResponse.newBuilder()
            .setStatus(status)
            .putInfo("hull", "{\"timeline\":[]}")
            .build());
  }

  @Override
  public synchronized void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
    ListPodSandboxResponse.Builder response = ListPodSandboxResponse.newBuilder();
    sandboxes
        .values()
        .forEach(
            sandbox -> response.addItems(sandbox.pod.toBuilder().setState(state(sandbox)).build()));
    calls.answer(observer, response.build());
  }

  @Override
  public synchronized void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
    ListContainersResponse.Builder response = ListContainersResponse.newBuilder();
    containers.forEach(
        (id, live) -> {
          String wanted = request.getFilter().getPodSandboxId();
          if (wanted.isEmpty() || live.sandbox.equals(wanted)) {
            response.addContainers(
                Container.newBuilder()
                    .setId(id)
                    .setPodSandboxId(live.sandbox)
                    .setMetadata(live.config.getMetadata())
                    .setImage(live.config.getImage())
                    .putAllAnnotations(live.config.getAnnotationsMap())
                    .setState(live.state)
                    .setCreatedAt(live.createdAt));
          }
        });
    calls.answer(observer, response.build());
  }

  @Override
  public synchronized void execSync(
      ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
    String command = String.join(" ", request.getCmdList());
    if (running(request.getContainerId(), "run " + command + " in ", observer) == null) {
      return;
    }
    calls.note("ExecSync " + command);
    calls.answer(
        observer,
        ExecSyncResponse.newBuilder()
            .setStdout(ByteString.copyFromUtf8("out\n"))
            .setStderr(ByteString.copyFromUtf8("err\n"))
            .setExitCode(execs.getOrDefault(command, 7))
            .build());
  }

  /** Nothing listens at the address that it answers. */
  @Override
  public synchronized void exec(ExecRequest request, StreamObserver<ExecResponse> observer) {
    String command = String.join(" ", request.getCmdList());
    if (running(request.getContainerId(), "run " + command + " in ", observer) != null) {
      calls.answer(observer, ExecResponse.newBuilder().setUrl(NOBODY).build());
    }
  }

  /** Nothing listens at the address that it answers. */
  @Override
  public synchronized void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
    if (running(request.getContainerId(), "attach to the container ", observer) != null) {
      calls.answer(observer, AttachResponse.newBuilder().setUrl(NOBODY).build());
    }
  }

  private @Nullable Live running(String id, String what, StreamObserver<?> observer) {
    Live live = live(id, observer);
    if (live != null && live.state != ContainerState.CONTAINER_RUNNING) {
      observer.onError(
          Status.FAILED_PRECONDITION
              .withDescription("cannot %s%s: it does not run".formatted(what, id))
              .asException());
      return null;
    }
    return live;
  }

  private @Nullable Live live(String id, StreamObserver<?> observer) {
    Live live = containers.get(id);
    if (live == null) {
      observer.onError(Status.NOT_FOUND.withDescription("no such container").asException());
    }
    return live;
  }

  private FakeCri.Script script(Live live) {
    List<FakeCri.Script> starts =
        scripts.getOrDefault(live.config.getMetadata().getName(), List.of(FakeCri.Script.exits(0)));
    return starts.get(Math.min(live.config.getMetadata().getAttempt(), starts.size() - 1));
  }

  private void exit(Live live, int code) {
    if (live.state != ContainerState.CONTAINER_EXITED) {
      live.state = ContainerState.CONTAINER_EXITED;
      live.exitCode = code;
      live.finishedAt = tick();
    }
  }

  private Path path(Live live) {
    Sandbox sandbox = sandboxes.get(live.sandbox);
    if (sandbox == null) {
      throw new IllegalStateException("a container without its sandbox");
    }
    return Path.of(sandbox.config.getLogDirectory()).resolve(live.config.getLogPath());
  }

  private void log(Live live, String line) {
    if (line.isEmpty()) {
      return;
    }
    try {
      Files.writeString(
          path(live),
          "2026-01-01T00:00:00Z stdout F " + line + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PodSandboxState state(Sandbox sandbox) {
    return sandbox.ready ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  private long tick() {
    clock += 1_000_000_000L;
    return clock;
  }
}
