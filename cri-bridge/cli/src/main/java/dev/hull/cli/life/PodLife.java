package dev.hull.cli.life;

import dev.hull.cli.action.Actions;
import dev.hull.cli.action.Actions.Outcome;
import dev.hull.cli.action.Actions.Target;
import dev.hull.cli.config.Facts;
import dev.hull.cli.config.MissingException;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.life.ContainerLife.Role;
import dev.hull.cli.life.ContainerStart.FailedException;
import dev.hull.cli.life.ProbeWorker.Verdict;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Probe;
import dev.hull.cli.request.ContainerRequests;
import dev.hull.cli.request.HostsFile;
import dev.hull.cli.volume.PodVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/**
 * The life of one pod, step by step: images, volumes, machine; init containers one after another
 * with the sidecars among them, then the others; probes, restarts, and the end. What it decides
 * follows from the pod, from what CRI says of its containers, and from the clock; a life that was
 * begun by another process goes on where that has left it.
 *
 * <p>Not safe for use from many threads, but for {@link #status}.
 */
public final class PodLife {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SOURCES = Duration.ofSeconds(1);
  private static final Duration USAGE = Duration.ofSeconds(10);

  /** How long after its machine's end a pod's containers may still count as running. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  private final Pod pod;
  private final Surroundings around;
  private final LifeListener listener;
  private final Facts facts;
  private final PodFolder folder;
  private final PodVolumes volumes;
  private final PodImages images;
  private final ContainerStart starts;
  private final Actions actions;
  private final Ending ending;
  private final PodMachine machine;
  private final TerminationMessages messages;
  private final PodEvents events;
  private final List<ContainerLife> init = new ArrayList<>();
  private final List<ContainerLife> ordinary = new ArrayList<>();
  private final List<ContainerLife> ephemeral = new ArrayList<>();
  private final Backoff imageBackoff = new Backoff();
  private final Instant createdAt;
  private final long began;
  private long imagesFailedAt;
  private boolean prepared;
  private boolean settled;
  private int knownNeighbours = -1;
  private long sourcesAt;
  private long usageAt;
  private Optional<Long> machineDiedAt = Optional.empty();
  private PodStatus.Failure failure = PodStatus.Failure.NONE;
  private boolean deleting;
  private volatile PodStatus status;

  /** Begins nothing yet. */
  public PodLife(Pod pod, String uid, Surroundings around, LifeListener listener) {
    this.pod = pod;
    this.around = around;
    this.listener = listener;
    this.facts =
        new Facts(
            uid,
            around.host().nodeName(),
            around.host().hostIps(),
            List.of(),
            around.host().hostCpus(),
            around.host().hostMemory());
    this.folder = PodFolder.of(around.root(), uid, around.mounts());
    this.volumes =
        new PodVolumes(pod, folder, around.mounts(), around.objects(), facts, around.claims());
    this.images = new PodImages(pod, around);
    this.starts =
        new ContainerStart(
            pod,
            around,
            images,
            new ContainerRequests(pod, folder, volumes, around.objects(), around.mounts()));
    this.actions = new Actions(around.cri(), around.network(), around.time());
    this.events = new PodEvents(around.clock());
    this.ending = new Ending(around.cri(), around.time(), actions, events::warning);
    this.machine = new PodMachine(pod, uid, around, folder);
    this.messages = new TerminationMessages(folder, around.complaints());
    this.createdAt = around.clock().instant();
    this.began = around.time().millis();
    for (Container container : pod.initContainers()) {
      Role role = container.isSidecar() ? Role.SIDECAR : Role.INIT;
      init.add(new ContainerLife(container, role, init.isEmpty()));
    }
    for (Container container : pod.containers()) {
      ordinary.add(new ContainerLife(container, Role.ORDINARY, init.isEmpty()));
    }
    this.status = snapshot();
  }

  public Pod pod() {
    return pod;
  }

  public String uid() {
    return facts.uid();
  }

  public PodFolder folder() {
    return folder;
  }

  /** As it was after the last step. Safe from any thread. */
  public PodStatus status() {
    return status;
  }

  /**
   * Looks, and does what follows from it. Blocks while something is made or ended.
   *
   * @return how long nothing is to be expected
   * @throws PodException if the pod cannot go on, unless its surroundings are patient
   */
  public Duration step(StopRequest stop) throws PodException, StopException, InterruptedException {
    try {
      return advance(stop);
    } catch (IOException e) {
      throw new PodException("cannot prepare the pod " + pod.name() + ": " + e.getMessage(), e);
    } finally {
      status = snapshot();
    }
  }

  private Duration advance(StopRequest stop)
      throws PodException, StopException, InterruptedException, IOException {
    if (settled) {
      return SOURCES;
    }
    if (!machine.isThere() && !machine.find(this::adopt)) {
      Optional<Duration> wait = begin(stop);
      if (wait.isPresent()) {
        return wait.get();
      }
    }
    for (ContainerLife life : all()) {
      observe(life);
    }
    if (machineIsGone()) {
      return POLL;
    }
    neighbours();
    upkeep();
    for (ContainerLife life : all()) {
      look(life);
    }
    if (failure.isNone()) {
      startWhatMay(stop);
    }
    finishIfOver();
    return POLL;
  }

  /** Images, volumes and machine; how long to wait if one of them is not to be had yet. */
  private Optional<Duration> begin(StopRequest stop)
      throws PodException, StopException, InterruptedException, IOException {
    long now = around.time().millis();
    Duration left = imageBackoff.remaining(imagesFailedAt, now);
    if (!left.isZero()) {
      return Optional.of(left.compareTo(SOURCES) < 0 ? left : SOURCES);
    }
    try {
      images.ensureAll(stop);
    } catch (PodException e) {
      if (!around.patient()) {
        throw e;
      }
      imagesFailedAt = around.time().millis();
      imageBackoff.tried(imagesFailedAt, imagesFailedAt);
      String message = String.valueOf(e.getMessage());
      events.warning("Failed", message);
      first().wait("ImagePullBackOff", message);
      return Optional.of(SOURCES);
    }
    try {
      folder.make(pod.everyContainer().map(Container::name).toList());
      volumes.prepare(around.clock().instant());
      prepared = true;
    } catch (MissingException | IOException e) {
      if (!around.patient()) {
        throw new PodException("cannot prepare the pod " + pod.name() + ": " + e.getMessage(), e);
      }
      events.warning("FailedMount", String.valueOf(e.getMessage()));
      return Optional.of(SOURCES);
    }
    stop.check();
    try {
      machine.start();
    } catch (CriException e) {
      if (!around.patient()) {
        throw e;
      }
      events.warning("FailedCreatePodSandBox", String.valueOf(e.getMessage()));
      return Optional.of(SOURCES);
    }
    writeHosts();
    return Optional.empty();
  }

  private ContainerLife first() {
    return init.isEmpty() ? ordinary.getFirst() : init.getFirst();
  }

  private List<ContainerLife> all() {
    return Stream.of(init, ordinary, ephemeral).flatMap(List::stream).toList();
  }

  /** What another process has left of a container. */
  private void adopt(PodMachine.Found found) {
    prepared = true;
    for (ContainerLife life : all()) {
      found.starts(life.name()).forEach(start -> adopt(life, start));
    }
  }

  private void adopt(ContainerLife life, PodMachine.Start start) {
    life.ended().ifPresent(end -> life.adoptLast(life.id().orElseThrow(), end));
    life.adopt(start.id(), start.attempt(), start.imageRef());
    switch (start.state()) {
      case State.Running running -> {
        life.running(
            running.startedAt(), around.time().millis(), actions, around.tasks(), machine.ip());
        listener.started(life.name(), life.attempt(), log(life));
      }
      case State.Terminated end -> life.exited(end, around.time().millis());
      case State.Waiting _ -> {}
    }
  }

  private Path log(ContainerLife life) {
    return folder.logs(life.name()).resolve(life.attempt() + ".log");
  }

  private void observe(ContainerLife life) {
    if (!life.isRunning()) {
      return;
    }
    Optional<State.Terminated> end = machine.endOf(life);
    if (end.isEmpty()) {
      return;
    }
    String said = messages.of(life.container(), life.attempt(), end.get().exitCode());
    State.Terminated told = end.get();
    if (!said.isEmpty()) {
      told =
          new State.Terminated(
              told.exitCode(), told.reason(), said, told.startedAt(), told.finishedAt(), told.id());
    }
    life.exited(told, around.time().millis());
    listener.ended(life.name(), life.attempt());
  }

  /** A machine that has ended takes all containers with it; by policy there is another. */
  private boolean machineIsGone() throws PodException {
    if (machine.isReady()) {
      machineDiedAt = Optional.empty();
      return false;
    }
    long now = around.time().millis();
    if (machineDiedAt.isEmpty()) {
      machineDiedAt = Optional.of(now);
    }
    List<ContainerLife> running = all().stream().filter(ContainerLife::isRunning).toList();
    if (!running.isEmpty() && now - machineDiedAt.get() <= SETTLING.toMillis()) {
      return true;
    }
    if (running.isEmpty() && Phase.of(pod, init, ordinary).isOver()) {
      return false;
    }
    String what =
        "the machine of pod "
            + pod.name()
            + " ended"
            + (running.isEmpty()
                ? ""
                : " while container " + running.getFirst().name() + " was running");
    if (!around.patient()) {
      throw new PodException(what);
    }
    events.warning("SandboxChanged", what + "; it will be started again");
    for (ContainerLife life : running) {
      Instant at = around.clock().instant();
      life.exited(
          new State.Terminated(137, "MachineStopped", what, at, at, life.id().orElse("")), now);
      listener.ended(life.name(), life.attempt());
    }
    if (pod.restartPolicy() == Pod.RestartPolicy.NEVER) {
      failure = new PodStatus.Failure("MachineStopped", what);
      return false;
    }
    machine.discard();
    all().forEach(ContainerLife::forgetContainers);
    return true;
  }

  private void neighbours() throws IOException {
    around.neighbourhood().moved(pod, machine.ip());
    if (knownNeighbours != around.neighbourhood().version()) {
      writeHosts();
    }
  }

  private void writeHosts() throws IOException {
    knownNeighbours = around.neighbourhood().version();
    // In place: containers have this very file mounted.
    Files.writeString(
        folder.hosts(), HostsFile.text(pod, machine.ips(), around.neighbourhood().of(pod)));
  }

  /** What is due from time to time: sources of volumes, the pod's deadline, its emptyDirs. */
  private void upkeep() throws IOException {
    long now = around.time().millis();
    if (prepared && now >= sourcesAt) {
      sourcesAt = now + SOURCES.toMillis();
      volumes.refresh(around.clock().instant());
    }
    if (!failure.isNone()) {
      return;
    }
    if (pod.activeDeadline().isPresent() && now - began >= pod.activeDeadline().get().toMillis()) {
      fail(
          "DeadlineExceeded",
          "Pod was active on the node longer than the specified deadline",
          pod.gracePeriod());
    } else if (now >= usageAt) {
      usageAt = now + USAGE.toMillis();
      volumes.overLimit().ifPresent(what -> fail("Evicted", what, Ending.LEAST_GRACE));
    }
  }

  private void fail(String reason, String message, Duration grace) {
    failure = new PodStatus.Failure(reason, message);
    events.warning(reason, message);
    endAll(grace);
    all().forEach(this::observe);
  }

  /** Its hook and its probes. */
  private void look(ContainerLife life) throws InterruptedException {
    if (!life.isRunning() || life.isEnding()) {
      return;
    }
    if (life.hook().isPresent() && !hookIsDone(life, life.hook().get())) {
      return;
    }
    long now = around.time().millis();
    if (!life.isStarted()) {
      Optional<Verdict> verdict = life.startup().flatMap(worker -> worker.look(now));
      if (life.startup().isEmpty() || verdict.filter(Verdict::good).isPresent()) {
        life.markStarted();
      } else if (verdict.isPresent()) {
        kill(life, "startup", life.startup().get().probe(), verdict.get());
      }
    }
    if (life.isStarted()) {
      Optional<Verdict> readiness = life.readiness().flatMap(worker -> worker.look(now));
      readiness.ifPresent(
          verdict -> {
            if (!verdict.good()) {
              events.warning("Unhealthy", "Readiness probe failed: " + verdict.message());
            }
            life.setReady(verdict.good());
          });
      Optional<Verdict> liveness = life.liveness().flatMap(worker -> worker.look(now));
      if (liveness.filter(verdict -> !verdict.good()).isPresent()) {
        kill(life, "liveness", life.liveness().orElseThrow().probe(), liveness.get());
      }
    }
  }

  private boolean hookIsDone(ContainerLife life, Future<Outcome> hook) throws InterruptedException {
    if (!hook.isDone()) {
      return false;
    }
    life.hookDone();
    try {
      Outcome outcome = hook.get();
      if (outcome.good()) {
        return true;
      }
      events.warning(
          "FailedPostStartHook",
          "PostStartHook of container " + life.name() + " failed: " + outcome.message());
    } catch (ExecutionException e) {
      events.warning("FailedPostStartHook", String.valueOf(e.getCause()));
    }
    end(life, pod.gracePeriod());
    return false;
  }

  private void kill(ContainerLife life, String kind, Probe probe, Verdict verdict) {
    String name = Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
    events.warning("Unhealthy", name + " probe failed: " + verdict.message());
    events.normal(
        "Killing",
        "Container %s failed %s probe%s"
            .formatted(
                life.name(),
                kind,
                restartsAtAll(life) ? ", will be restarted" : ", will not be restarted"));
    end(life, probe.gracePeriod().orElse(pod.gracePeriod()));
  }

  private boolean restartsAtAll(ContainerLife life) {
    return Phase.restarts(pod, life, 137);
  }

  private void end(ContainerLife life, Duration grace) {
    Target target = new Target(life.container(), life.id().orElseThrow(), machine.ip());
    FutureTask<?> task = new FutureTask<>(() -> ending.one(target, grace), null);
    life.ending(task);
    around.tasks().execute(task);
  }

  private void endAll(Duration grace) {
    List<ContainerLife> sidecars = ofRole(Role.SIDECAR);
    List<ContainerLife> others = new ArrayList<>(all());
    others.removeAll(sidecars);
    ending.all(others, sidecars, grace, machine.ip());
  }

  private List<ContainerLife> ofRole(Role role) {
    return all().stream().filter(life -> life.role() == role).toList();
  }

  private void startWhatMay(StopRequest stop)
      throws PodException, StopException, InterruptedException {
    boolean begun = ordinary.stream().anyMatch(life -> life.attempt() >= 0);
    for (ContainerLife life : init) {
      if (life.role() == Role.SIDECAR) {
        startIfMay(life, stop);
        if (!life.hasStarted()) {
          return;
        }
      } else if (!begun && !life.isInitDone()) {
        startIfMay(life, stop);
        return;
      }
    }
    if (Phase.of(pod, init, ordinary).isOver()) {
      return;
    }
    for (ContainerLife life : ordinary) {
      startIfMay(life, stop);
    }
    for (ContainerLife life : ephemeral) {
      startIfMay(life, stop);
    }
  }

  private void startIfMay(ContainerLife life, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    if (life.isRunning()) {
      return;
    }
    long now = around.time().millis();
    Optional<State.Terminated> ended = life.ended();
    boolean failedBefore = ended.isPresent() || life.endedAt() > 0;
    if (ended.isPresent() && !Phase.restarts(pod, life, ended.get().exitCode())) {
      return;
    }
    if (failedBefore) {
      Duration left = life.backoff().remaining(life.endedAt(), now);
      if (!left.isZero()) {
        if (life.state() instanceof State.Terminated) {
          String message =
              "back-off %ds restarting failed container=%s pod=%s_%s(%s)"
                  .formatted(
                      life.backoff().delay().orElse(Duration.ZERO).toSeconds(),
                      life.name(),
                      pod.name(),
                      pod.namespace(),
                      uid());
          events.warning("BackOff", message);
          life.wait("CrashLoopBackOff", message);
        }
        return;
      }
      life.backoff().tried(life.endedAt(), now);
    }
    stop.check();
    start(life, stop);
  }

  private void start(ContainerLife life, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    int before = life.attempt();
    try {
      Optional<String> target =
          life.container()
              .target()
              .flatMap(
                  name ->
                      ordinary.stream()
                          .filter(other -> other.name().equals(name))
                          .findFirst()
                          .flatMap(ContainerLife::id));
      starts.run(
          life, machine.id(), machine.config(), facts.withPodIps(machine.ips()), target, stop);
    } catch (FailedException e) {
      String message = String.valueOf(e.getMessage());
      if (!around.patient()) {
        if (e.getCause() instanceof CriException cri) {
          throw cri;
        }
        throw new PodException(message, e);
      }
      events.warning("Failed", message);
      long now = around.time().millis();
      Instant at = around.clock().instant();
      life.failedToStart(
          new State.Terminated(128, e.reason(), message, at, at, life.id().orElse("")), now);
      if (life.attempt() == before) {
        life.wait(e.reason(), message);
      }
      return;
    }
    life.running(
        around.clock().instant(), around.time().millis(), actions, around.tasks(), machine.ip());
    events.normal("Started", "Started container " + life.name());
    listener.started(life.name(), life.attempt(), log(life));
    life.container()
        .lifecycle()
        .postStart()
        .ifPresent(
            hook -> {
              Target target = new Target(life.container(), life.id().orElseThrow(), machine.ip());
              FutureTask<Outcome> task =
                  new FutureTask<>(() -> actions.run(hook, target, ContainerStart.LONGEST_HOOK));
              life.hook(task);
              around.tasks().execute(task);
            });
    if (life.hook().isEmpty() && life.startup().isEmpty()) {
      life.markStarted();
    }
  }

  /** Where nothing is to come any more, what still runs (the sidecars) is ended, then the rest. */
  private void finishIfOver() {
    boolean over = !failure.isNone() || Phase.of(pod, init, ordinary).isOver();
    if (!over) {
      return;
    }
    if (all().stream().anyMatch(ContainerLife::isRunning)) {
      endAll(pod.gracePeriod());
      all().forEach(this::observe);
    }
    if (all().stream().noneMatch(ContainerLife::isRunning)) {
      settled = true;
    }
  }

  /** Whether nothing will happen any more: every container has ended, and none is started again. */
  public boolean isOver() {
    return settled;
  }

  /** Says that it is going to be stopped, for {@link #status}. */
  public void announceEnd() {
    deleting = true;
    status = snapshot();
  }

  /**
   * Stops everything: hooks, signals, machine. May be done again.
   *
   * @param grace instead of the pod's
   * @throws dev.hull.cli.cri.CriException if the machine does not stop
   */
  public void stop(Optional<Duration> grace) {
    announceEnd();
    if (machine.isThere() && !machine.isStopped()) {
      if (!settled) {
        all().forEach(this::observe);
        endAll(grace.orElse(pod.gracePeriod()));
        all().forEach(this::observe);
      }
      machine.stop();
    }
    around.neighbourhood().left(pod);
    settled = true;
    status = snapshot();
  }

  /** Stops the machine of a pod that is over, so that it costs no memory; its logs stay. */
  public void park() {
    if (machine.isThere() && !machine.isStopped()) {
      machine.stop();
    }
    around.neighbourhood().left(pod);
  }

  /** Removes what was stopped: machine and folder. May be done again. */
  public void remove() throws IOException {
    machine.remove();
    folder.remove();
  }

  /** The sandbox's id; empty before it has one. */
  public Optional<String> sandboxId() {
    return machine.isThere() ? Optional.of(machine.id()) : Optional.empty();
  }

  private PodStatus snapshot() {
    return PodStatus.of(
        pod,
        uid(),
        createdAt,
        machine.isThere() ? Optional.of(machine.id()) : Optional.empty(),
        machine.ips(),
        facts.hostIps(),
        init,
        ordinary,
        ephemeral,
        failure,
        deleting,
        events.list());
  }
}
