package dev.hull.cli.life;

import dev.hull.cli.action.Actions;
import dev.hull.cli.action.Actions.Outcome;
import dev.hull.cli.action.Actions.Target;
import dev.hull.cli.config.Facts;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.life.ContainerLife.Role;
import dev.hull.cli.life.ContainerStart.FailedException;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.request.ContainerRequests;
import dev.hull.cli.request.HostsFile;
import dev.hull.cli.volume.PodVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;

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
  private final Preparation preparation;
  private final Vitals vitals;
  private final PodContainers containers;
  private final Instant createdAt;
  private final long began;
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
    this.preparation = new Preparation(pod, around, folder, images, volumes, machine, events);
    this.vitals = new Vitals(pod, events, this::end);
    this.containers = new PodContainers(pod);
    this.createdAt = around.clock().instant();
    this.began = around.time().millis();
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
   * Adds an ephemeral container, which is started once, with the next step; nothing if there is one
   * of its name. After another process began this life, before the first step.
   */
  public void add(Container ephemeral) {
    containers.add(ephemeral);
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
      Optional<Duration> wait = preparation.make(containers.first(), stop);
      if (wait.isPresent()) {
        return wait.get();
      }
      writeHosts();
    }
    for (ContainerLife life : containers.all()) {
      observe(life);
    }
    if (machineIsGone()) {
      return POLL;
    }
    neighbours();
    upkeep();
    for (ContainerLife life : containers.all()) {
      vitals.look(life, around.time().millis());
    }
    if (failure.isNone()) {
      startWhatMay(stop);
    }
    finishIfOver();
    return POLL;
  }

  /** What another process has left of a container. */
  private void adopt(PodMachine.Found found) {
    for (ContainerLife life : containers.all()) {
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
    List<ContainerLife> running = containers.running();
    if (!running.isEmpty() && now - machineDiedAt.get() <= SETTLING.toMillis()) {
      return true;
    }
    if (running.isEmpty() && Phase.of(pod, containers).isOver()) {
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
    containers.all().forEach(ContainerLife::forgetContainers);
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
    if (now >= sourcesAt) {
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
    containers.all().forEach(this::observe);
  }

  private void end(ContainerLife life, Duration grace) {
    Target target = new Target(life.container(), life.id().orElseThrow(), machine.ip());
    FutureTask<?> task = new FutureTask<>(() -> ending.one(target, grace), null);
    life.ending(task);
    around.tasks().execute(task);
  }

  private void endAll(Duration grace) {
    ending.all(containers.others(), containers.sidecars(), grace, machine.ip());
  }

  private void startWhatMay(StopRequest stop)
      throws PodException, StopException, InterruptedException {
    if (Phase.of(pod, containers).isOver()) {
      return;
    }
    // Before all others, for it may be the first of them that somebody wants to look into.
    for (ContainerLife life : containers.ephemeral()) {
      startIfMay(life, stop);
    }
    for (ContainerLife life : containers.init()) {
      if (life.role() == Role.SIDECAR) {
        startIfMay(life, stop);
        if (!life.hasStarted()) {
          return;
        }
      } else if (!containers.ordinaryHaveBegun() && !life.isInitDone()) {
        startIfMay(life, stop);
        return;
      }
    }
    for (ContainerLife life : containers.ordinary()) {
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
    if (failedBefore && isLeftAlone(life, now)) {
      return;
    }
    // A pull of minutes must not keep the others' probes waiting: nobody knew of this image before.
    if (life.role() == Role.EPHEMERAL && !images.isFetched(life.container(), stop)) {
      return;
    }
    if (failedBefore) {
      life.backoff().tried(life.endedAt(), now);
    }
    stop.check();
    start(life, stop);
  }

  private boolean isLeftAlone(ContainerLife life, long now) {
    Duration left = life.backoff().remaining(life.endedAt(), now);
    if (left.isZero()) {
      return false;
    }
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
    return true;
  }

  private void start(ContainerLife life, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    int before = life.attempt();
    try {
      starts.run(
          life,
          machine.id(),
          machine.config(),
          facts.withPodIps(machine.ips()),
          target(life.container()),
          stop);
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

  /** The container whose processes an ephemeral one is to see. */
  private Optional<String> target(Container container) throws FailedException {
    if (container.target().isEmpty()) {
      return Optional.empty();
    }
    String name = container.target().get();
    Optional<String> id =
        containers.running().stream()
            .filter(life -> life.name().equals(name))
            .findFirst()
            .flatMap(ContainerLife::id);
    if (id.isEmpty()) {
      throw new FailedException(
          "CreateContainerConfigError",
          "the target container " + name + " of container " + container.name() + " does not run");
    }
    return id;
  }

  /** Where nothing is to come any more, what still runs (the sidecars) is ended, then the rest. */
  private void finishIfOver() {
    boolean over = !failure.isNone() || Phase.of(pod, containers).isOver();
    if (!over) {
      return;
    }
    if (!containers.running().isEmpty()) {
      endAll(pod.gracePeriod());
      containers.all().forEach(this::observe);
    }
    settled = containers.running().isEmpty();
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
        containers.all().forEach(this::observe);
        endAll(grace.orElse(pod.gracePeriod()));
        containers.all().forEach(this::observe);
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
        containers,
        failure,
        deleting,
        events.list());
  }
}
