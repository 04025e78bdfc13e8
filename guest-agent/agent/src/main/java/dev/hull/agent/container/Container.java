package dev.hull.agent.container;

import dev.hull.agent.process.Answers;
import dev.hull.agent.process.LaunchException;
import dev.hull.agent.process.LaunchSpec;
import dev.hull.agent.process.ProcessDirectory;
import dev.hull.agent.process.RunningProcess;
import dev.hull.agent.stats.Counted;
import dev.hull.agent.stats.WritableLayer;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.Resources;
import dev.hull.guest.v1.User;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** One container. Safe for use by several threads. */
final class Container {
  private static final int MAX_EXECS = 1024;
  private static final int MAX_DATABASE_BYTES = 1 << 20;

  /** The exit code of one that never ran, as containerd has it. */
  private static final int NEVER_RAN = 128;

  private final String id;
  private final ContainerSpec created;
  private final ContainerParts parts;
  private final ProcessDirectory neighbours;
  private final Instant createdAt;
  private final Cgroup cgroup;
  private final Path root;
  private final WritableLayer layer;
  private final List<Path> volumes;
  private final Undo undo;
  private final ReentrantLock changing = new ReentrantLock();
  private final Map<String, RunningProcess> execs = new ConcurrentHashMap<>();
  private final CompletableFuture<ContainerStatus> exited = new CompletableFuture<>();
  private volatile Phase phase = new Phase.Created();
  private volatile Optional<Identity> user = Optional.empty();

  /** As it was created, with the limits that it has now. */
  private volatile ContainerSpec spec;

  private Container(
      String id,
      ContainerSpec spec,
      ContainerParts parts,
      ProcessDirectory neighbours,
      Cgroup cgroup,
      Path root,
      List<Path> volumes,
      Undo undo) {
    this.id = id;
    this.created = spec;
    this.spec = spec;
    this.parts = parts;
    this.neighbours = neighbours;
    this.createdAt = parts.clock().instant();
    this.cgroup = cgroup;
    this.root = root;
    this.layer = new WritableLayer(parts.roots().writableLayer(id), parts.fileSystems());
    this.volumes = List.copyOf(volumes);
    this.undo = undo;
  }

  /** Makes everything but the process; nothing of it is left if that fails. */
  static Container prepare(
      String id, ContainerSpec spec, ContainerParts parts, ProcessDirectory neighbours)
      throws IOException, InterruptedException, TimeoutException {
    Undo undo = new Undo();
    try {
      Cgroup cgroup = parts.cgroups().create(id);
      undo.push(cgroup::remove);
      cgroup.limit(spec.getResources());
      parts.namespaces().mountShm();
      Path root = parts.roots().mount(id, spec.getRoot(), undo);
      List<Path> volumes = parts.volumes().prepare(id, spec.getMountsList(), undo);
      return new Container(id, spec, parts, neighbours, cgroup, root, volumes, undo);
    } catch (IOException | InterruptedException | TimeoutException | RuntimeException e) {
      try {
        undo.close();
      } catch (RuntimeException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /** As it was created. */
  ContainerSpec spec() {
    return created;
  }

  /** Other limits for what runs and for what will; all of them, or none. */
  void update(Resources resources, int oomScoreAdj) throws IOException {
    changing.lock();
    try {
      if (phase instanceof Phase.Exited) {
        throw Status.FAILED_PRECONDITION
            .withDescription("container " + id + " has exited, and nothing limits it any more")
            .asRuntimeException();
      }
      cgroup.change(resources);
      ContainerSpec.Builder changed = spec.toBuilder();
      changed.getResourcesBuilder().clear().mergeFrom(resources);
      if (oomScoreAdj != spec.getProcess().getOomScoreAdj()) {
        cgroup.forEach(pid -> parts.oomScores().set(pid, oomScoreAdj));
        changed.getProcessBuilder().setOomScoreAdj(oomScoreAdj);
      }
      spec = changed.build();
    } finally {
      changing.unlock();
    }
  }

  Counted counted() {
    OptionalInt pid =
        phase instanceof Phase.Running running
            ? OptionalInt.of(running.process().pid())
            : OptionalInt.empty();
    return new Counted(id, cgroup.folder(), layer, pid);
  }

  /** Completes when it has exited, or fails with NOT_FOUND when it is removed before it ran. */
  CompletableFuture<ContainerStatus> exited() {
    return exited;
  }

  Instant start() {
    changing.lock();
    try {
      if (!(phase instanceof Phase.Created)) {
        throw Status.FAILED_PRECONDITION
            .withDescription("container " + id + " was started before; create another one")
            .asRuntimeException();
      }
      RunningProcess process = launchFirst();
      Instant startedAt = parts.clock().instant();
      phase = new Phase.Running(process, startedAt);
      // Not on the reaper's thread, which must not wait for files.
      var _ =
          process
              .exitCode()
              .thenAccept(code -> Thread.startVirtualThread(() -> ended(process, startedAt, code)));
      return startedAt;
    } finally {
      changing.unlock();
    }
  }

  private RunningProcess launchFirst() {
    try {
      ProcessSpec process = spec.getProcess();
      Identity identity = identity(process.getUser());
      LaunchSpec launch = parts.plan().first(spec, identity, root, volumes, cgroup.folder());
      OptionalInt shared = openSharedPid();
      try {
        RunningProcess first = parts.launcher().launch(launch, process.getStdin(), shared);
        user = Optional.of(identity);
        return first;
      } finally {
        shared.ifPresent(parts.descriptors()::close);
      }
    } catch (LaunchException e) {
      throw neverRan(Answers.statusOf(e));
    } catch (IllegalArgumentException e) {
      throw neverRan(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      throw neverRan(Status.INTERNAL.withDescription(e.toString()));
    }
  }

  /** A process whose PID namespace it goes into; empty for a new one. */
  private OptionalInt openSharedPid() throws LaunchException, IOException {
    if (spec.getPodPidNamespace()) {
      return OptionalInt.of(parts.namespaces().openPid());
    }
    String target = spec.getPidNamespaceOf();
    if (target.isEmpty()) {
      return OptionalInt.empty();
    }
    OptionalInt open = openFirst(target);
    if (open.isEmpty()) {
      throw new IllegalArgumentException(
          "container %s, whose processes it is to see, does not run; start that one first"
              .formatted(target));
    }
    return open;
  }

  private OptionalInt openFirst(String container) {
    try {
      return neighbours.find(ProcessRef.newBuilder().setContainerId(container).build()).open();
    } catch (StatusRuntimeException e) {
      return OptionalInt.empty();
    }
  }

  private StatusRuntimeException neverRan(Status why) {
    String message = why.getDescription() == null ? why.toString() : why.getDescription();
    over(
        new Phase.Exited(
            Optional.empty(),
            Optional.empty(),
            parts.clock().instant(),
            NEVER_RAN,
            cgroup.oomKills() > 0,
            message));
    return why.withDescription("container " + id + ": " + message).asRuntimeException();
  }

  private void ended(RunningProcess process, Instant startedAt, int code) {
    Instant finishedAt = parts.clock().instant();
    try {
      // In the pod's PID namespace its other processes would live on.
      cgroup.kill();
    } catch (IOException e) {
      System.err.println("container " + id + ": its last processes cannot be killed: " + e);
    }
    over(
        new Phase.Exited(
            Optional.of(process),
            Optional.of(startedAt),
            finishedAt,
            code,
            cgroup.oomKills() > 0,
            ""));
  }

  private void over(Phase.Exited end) {
    phase = end;
    exited.complete(status());
  }

  private Identity identity(User user) {
    UserDatabase database =
        new UserDatabase(
            parts.files().read(root, "/etc/passwd", MAX_DATABASE_BYTES),
            parts.files().read(root, "/etc/group", MAX_DATABASE_BYTES));
    return database.find(user);
  }

  RunningProcess exec(String execId, ProcessSpec requested) {
    ProcessSpec process = ProcessPlan.completed(requested, spec.getProcess());
    changing.lock();
    try {
      if (!(phase instanceof Phase.Running running)) {
        throw Status.FAILED_PRECONDITION
            .withDescription("container " + id + " does not run, so nothing can be exec'ed in it")
            .asRuntimeException();
      }
      if (execs.containsKey(execId)) {
        throw Status.ALREADY_EXISTS
            .withDescription("container %s has a process %s".formatted(id, execId))
            .asRuntimeException();
      }
      if (execs.size() >= MAX_EXECS) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription(
                "container %s has %d exec'ed processes; forget some".formatted(id, MAX_EXECS))
            .asRuntimeException();
      }
      RunningProcess started = launchFurther(running.process(), process);
      execs.put(execId, started);
      return started;
    } finally {
      changing.unlock();
    }
  }

  private RunningProcess launchFurther(RunningProcess first, ProcessSpec process) {
    int target =
        first
            .open()
            .orElseThrow(
                () ->
                    Status.FAILED_PRECONDITION
                        .withDescription("container " + id + " has exited")
                        .asRuntimeException());
    try {
      Path joined = parts.cgroups().joined(cgroup, Path.of("/proc/" + first.pid() + "/cgroup"));
      LaunchSpec launch = parts.plan().further(spec, process, identity(process.getUser()), joined);
      return parts.launcher().launch(launch, process.getStdin(), OptionalInt.of(target));
    } catch (LaunchException e) {
      throw Answers.statusOf(e)
          .augmentDescription("(in container " + id + ")")
          .asRuntimeException();
    } finally {
      parts.descriptors().close(target);
    }
  }

  /** The first process if {@code execId} is empty. */
  RunningProcess process(String execId) {
    RunningProcess exec = execs.get(execId);
    if (exec != null) {
      return exec;
    }
    Optional<RunningProcess> first = first();
    if (!execId.isEmpty() || first.isEmpty()) {
      throw Status.NOT_FOUND
          .withDescription(
              execId.isEmpty()
                  ? "container " + id + " has had no process yet"
                  : "container %s has no process %s".formatted(id, execId))
          .asRuntimeException();
    }
    return first.get();
  }

  private Optional<RunningProcess> first() {
    return switch (phase) {
      case Phase.Created() -> Optional.empty();
      case Phase.Running running -> Optional.of(running.process());
      case Phase.Exited over -> over.process();
    };
  }

  void forget(String execId) {
    RunningProcess exec = execs.get(execId);
    if (exec == null) {
      return;
    }
    if (!exec.exitCode().isDone()) {
      throw Status.FAILED_PRECONDITION
          .withDescription(
              "process %s of container %s still runs; end it first".formatted(execId, id))
          .asRuntimeException();
    }
    execs.remove(execId);
    exec.output().forget();
  }

  void signal(int signal, boolean all) throws IOException {
    switch (phase) {
      case Phase.Created() ->
          throw Status.FAILED_PRECONDITION
              .withDescription("container " + id + " has not been started")
              .asRuntimeException();
      case Phase.Running running -> {
        if (!all) {
          running.process().signal(signal);
        } else if (signal == ContainerSignals.KILL) {
          cgroup.kill();
        } else {
          cgroup.signalAll(signal, parts.signals());
        }
      }
      case Phase.Exited over -> over.exitCode();
    }
  }

  /** Kills what runs and takes everything away. May be called again if it fails. */
  void remove() throws IOException, InterruptedException, TimeoutException {
    changing.lockInterruptibly();
    try {
      cgroup.end();
      if (phase instanceof Phase.Created) {
        phase =
            new Phase.Exited(
                Optional.empty(),
                Optional.empty(),
                parts.clock().instant(),
                NEVER_RAN,
                false,
                "removed before it was started");
      }
      undo.close();
      Stream.concat(execs.values().stream(), first().stream())
          .forEach(process -> process.output().forget());
      exited.completeExceptionally(
          Status.NOT_FOUND
              .withDescription("container " + id + " was removed")
              .asRuntimeException());
    } finally {
      changing.unlock();
    }
  }

  ContainerStatus status() {
    return Statuses.of(id, createdAt, phase, user);
  }
}
