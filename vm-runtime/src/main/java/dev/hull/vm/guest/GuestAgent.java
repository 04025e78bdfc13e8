package dev.hull.vm.guest;

import com.google.protobuf.Timestamp;
import dev.hull.guest.channel.HostChannel;
import dev.hull.guest.v1.ConfigureInterfaceRequest;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.ContainerStatsRequest;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ContainerStatusRequest;
import dev.hull.guest.v1.ContainersGrpc;
import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.DescribeResponse;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.Dns;
import dev.hull.guest.v1.ExecRequest;
import dev.hull.guest.v1.GrowRequest;
import dev.hull.guest.v1.IdRange;
import dev.hull.guest.v1.ListContainersRequest;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.NetworkGrpc;
import dev.hull.guest.v1.PowerOffRequest;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.guest.v1.RemoveContainerRequest;
import dev.hull.guest.v1.Route;
import dev.hull.guest.v1.SignalContainerRequest;
import dev.hull.guest.v1.StartContainerRequest;
import dev.hull.guest.v1.StatsGrpc;
import dev.hull.guest.v1.UserNamespace;
import dev.hull.guest.v1.WaitContainerRequest;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineUsage;
import dev.hull.vm.PodConnection;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.network.NetworkLease;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The agent of one machine. Every call has a deadline, but that for a process's output; every
 * answer is checked, and HOSTILE_GUEST thrown for one that the protocol forbids. After UNAVAILABLE
 * the next call connects anew. All methods block and may be called from any thread.
 */
public final class GuestAgent implements AutoCloseable {
  private static final Duration QUICK = Duration.ofSeconds(30);

  /** For what may wait for the guest's devices. */
  public static final Duration LONG = Duration.ofMinutes(2);

  // The bytes are taken when the program reads them, which may be hours later.
  static final Duration PATIENT = Duration.ofDays(1);
  private static final Duration INTERFACE_WAIT = Duration.ofSeconds(20);
  private static final long MIB = 1L << 20;
  private static final int MAX_CONTAINERS = 1024;
  private static final int MAX_BOOT_STEPS = 64;
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{64}");

  /** As the kernel has it by itself. */
  private static final NetworkLease LOOPBACK =
      new NetworkLease(
          "",
          "00:00:00:00:00:00",
          65_536,
          List.of("127.0.0.1/8", "::1/128"),
          List.of(),
          MachineSpec.Dns.NONE,
          "");

  private final GuestConnection connection;

  /**
   * @param ports the Unix sockets of the machine's ports
   * @param executor runs gRPC's callbacks, which do not block
   */
  public GuestAgent(DomainSpec.Ports ports, Executor executor) {
    this.connection = new GuestConnection(ports, executor);
  }

  /** Waits for an agent that is about to boot. UNAVAILABLE if it does not answer in time. */
  public void awaitBoot(Duration deadline) {
    connection.open(HostChannel.Guest.FRESH, deadline);
  }

  /** Waits for an agent that was saved when nobody spoke to it, and goes on now. */
  public void awaitResume(Duration deadline) {
    awaitBoot(deadline);
  }

  /**
   * Connects to an agent that another process has spoken to. WRONG_STATE if it speaks no version of
   * the protocol that this one does.
   */
  public void reconnect(Duration deadline) {
    connection.open(HostChannel.Guest.KNOWN, deadline);
  }

  /** A call that may throw what gRPC throws. */
  @FunctionalInterface
  interface Call<T> {
    T on(Channel channel) throws StatusException;
  }

  <T> T call(String doing, Call<T> call) {
    ManagedChannel channel = connection.channel();
    try {
      return call.on(channel);
    } catch (StatusRuntimeException e) {
      throw failed(doing, channel, e);
    } catch (StatusException e) {
      throw failed(doing, channel, e.getStatus().asRuntimeException());
    }
  }

  MachineException failed(String doing, ManagedChannel channel, StatusRuntimeException e) {
    if (e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
      connection.lost(channel);
    }
    return GuestStatus.translate(doing, e);
  }

  ManagedChannel channel() {
    return connection.channel();
  }

  /** What processes say comes over it. UNAVAILABLE if it cannot be reached. */
  GuestOutputLine outputLine() {
    return connection.outputLine();
  }

  public GuestDescription describe() {
    DescribeResponse said =
        call(
            "ask the guest what it is",
            channel ->
                MachineGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(QUICK.toMillis(), TimeUnit.MILLISECONDS)
                    .describe(DescribeRequest.getDefaultInstance()));
    GuestStatus.require(
        said.getMemoryAvailableBytes() >= 0
            && said.getMemoryAvailableBytes() <= said.getMemoryTotalBytes(),
        "more memory is available than there is");
    GuestStatus.require(said.getBootStepsCount() <= MAX_BOOT_STEPS, "too many steps of a boot");
    return new GuestDescription(
        GuestStatus.text(said.getAgentVersion()),
        GuestStatus.text(said.getKernelRelease()),
        said.getMemoryTotalBytes(),
        said.getMemoryAvailableBytes(),
        said.getBootStepsList().stream()
            .map(
                step -> {
                  GuestStatus.require(
                      step.getAtMillis() >= 0 && step.getAtMillis() < 86_400_000,
                      "a step of the boot is out of range");
                  return new GuestDescription.BootStep(
                      GuestStatus.text(step.getName()), Duration.ofMillis(step.getAtMillis()));
                })
            .toList());
  }

  private static IdRange range(dev.hull.vm.UserNamespace.Range ids) {
    return IdRange.newBuilder().setFirst((int) ids.first()).setLength((int) ids.length()).build();
  }

  /** Gives the guest its identity; again with the same one changes nothing. */
  public void configure(GuestIdentity identity) {
    configure(identity, LONG);
  }

  /** As {@link #configure(GuestIdentity)}; DEADLINE if the answer does not come in time. */
  public void configure(GuestIdentity identity, Duration deadline) {
    ConfigureRequest.Builder request =
        ConfigureRequest.newBuilder()
            .setPodUid(identity.podUid())
            .setHostname(identity.hostname())
            .setNow(timestamp(identity.now()))
            .setEntropy(identity.entropy())
            .setDns(
                Dns.newBuilder()
                    .addAllServers(identity.dns().servers())
                    .addAllSearches(identity.dns().searches())
                    .addAllOptions(identity.dns().options()))
            .putAllSysctls(identity.sysctls())
            .setShareTag(identity.shareTag())
            .setProvisional(identity.provisional());
    identity
        .scratchUnit()
        .ifPresent(unit -> request.setScratchDisk(DiskAddress.newBuilder().setUnit(unit)));
    identity
        .users()
        .ifPresent(
            users ->
                request.setUsers(
                    UserNamespace.newBuilder()
                        .setUids(range(users.uids()))
                        .setGids(range(users.gids()))));
    call(
        "configure the guest",
        channel ->
            MachineGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .configure(request.build()));
  }

  /**
   * Has the guest take into use what has been plugged in; returns when it has. DEADLINE if it does
   * not in time; may be called again.
   */
  public void grow(MachineSize booted, MachineSize now) {
    GrowRequest request =
        GrowRequest.newBuilder()
            .setVcpus(now.vcpus())
            .setBootedMemoryBytes(booted.memoryMib() * MIB)
            .setPluggedMemoryBytes((now.memoryMib() - booted.memoryMib()) * MIB)
            .build();
    call(
        "have the guest grow",
        channel ->
            MachineGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LONG.toMillis(), TimeUnit.MILLISECONDS)
                .grow(request));
  }

  public void configureInterface(NetworkLease lease) {
    configureInterface("eth0", lease);
  }

  /** Sets up what every guest has: the pod's interface then finds the way known. */
  public void configureLoopback() {
    configureInterface("lo", LOOPBACK);
  }

  private void configureInterface(String name, NetworkLease lease) {
    ConfigureInterfaceRequest.Builder request =
        ConfigureInterfaceRequest.newBuilder()
            .setName(name)
            .setMac(lease.mac())
            .setMtu(lease.mtu())
            .addAllAddresses(lease.addresses())
            .setWaitMillis(INTERFACE_WAIT.toMillis());
    for (NetworkLease.Route route : lease.routes()) {
      request.addRoutes(
          Route.newBuilder().setDestination(route.destination()).setGateway(route.gateway()));
    }
    call(
        "configure the guest's network",
        channel ->
            NetworkGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LONG.toMillis(), TimeUnit.MILLISECONDS)
                .configureInterface(request.build()));
  }

  /** Asks for an orderly end. The answer may never come: UNAVAILABLE is as good as one. */
  public void powerOff(Duration grace, Duration deadline) {
    call(
        "power the guest off",
        channel ->
            MachineGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .powerOff(PowerOffRequest.newBuilder().setGraceMillis(grace.toMillis()).build()));
  }

  /**
   * Prepares a container.
   *
   * @param unit the disk whose partitions are the layers
   * @param attachments one for each mount
   */
  public void create(ContainerSpec spec, int unit, List<Attachment> attachments) {
    call(
        "create container " + spec.id(),
        channel ->
            ContainersGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LONG.toMillis(), TimeUnit.MILLISECONDS)
                .create(ContainerRequest.of(spec, unit, attachments)));
  }

  public Instant start(String id) {
    return GuestStatus.time(
        call(
                "start container " + id,
                channel ->
                    ContainersGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(LONG.toMillis(), TimeUnit.MILLISECONDS)
                        .start(StartContainerRequest.newBuilder().setContainerId(id).build()))
            .getStartedAt());
  }

  /** Changes a container's limits: all of them, or none. */
  public void update(String id, ContainerSpec.Resources resources, int oomScoreAdj) {
    call(
        "change the limits of container " + id,
        channel ->
            ContainersGrpc.newBlockingStub(channel)
                .withDeadlineAfter(QUICK.toMillis(), TimeUnit.MILLISECONDS)
                .update(ContainerRequest.of(id, resources, oomScoreAdj)));
  }

  public void signal(String id, int signal, boolean all) {
    call(
        "signal container " + id,
        channel ->
            ContainersGrpc.newBlockingStub(channel)
                .withDeadlineAfter(QUICK.toMillis(), TimeUnit.MILLISECONDS)
                .signal(
                    SignalContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setSignal(signal)
                        .setAllProcesses(all)
                        .build()));
  }

  public ContainerReport status(String id) {
    return checked(
        id,
        call(
            "ask for container " + id,
            channel ->
                ContainersGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(QUICK.toMillis(), TimeUnit.MILLISECONDS)
                    .status(ContainerStatusRequest.newBuilder().setContainerId(id).build())));
  }

  /** Blocks until the container has exited, or the time is over: DEADLINE. */
  public State.Exited await(String id, Duration timeout) {
    ContainerReport report =
        checked(
            id,
            call(
                "wait for container " + id,
                channel ->
                    ContainersGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .wait(WaitContainerRequest.newBuilder().setContainerId(id).build())));
    if (report.state() instanceof State.Exited exited) {
      return exited;
    }
    throw GuestStatus.hostile("a container is said to have exited and has not");
  }

  private static ContainerReport checked(String id, ContainerStatus said) {
    GuestStatus.require(
        said.getContainerId().equals(id), "an answer is about another container than asked for");
    return GuestStatus.report(said);
  }

  /** All containers that the agent knows, by id. */
  public Map<String, ContainerReport> list() {
    List<ContainerStatus> said =
        call(
                "list the guest's containers",
                channel ->
                    ContainersGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(QUICK.toMillis(), TimeUnit.MILLISECONDS)
                        .list(ListContainersRequest.getDefaultInstance()))
            .getContainersList();
    GuestStatus.require(said.size() <= MAX_CONTAINERS, "there are too many containers");
    Map<String, ContainerReport> reports = new HashMap<>();
    for (ContainerStatus status : said) {
      GuestStatus.require(
          CONTAINER.matcher(status.getContainerId()).matches(), "a container's id is malformed");
      GuestStatus.require(
          reports.put(status.getContainerId(), GuestStatus.report(status)) == null,
          "a container is listed twice");
    }
    return reports;
  }

  /** What the guest and its containers use. DEADLINE if it does not answer in time. */
  public MachineUsage usage(InstantSource clock, Duration deadline) {
    return GuestUsage.of(
        call(
            "ask the guest what it uses",
            channel ->
                StatsGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
                    .containers(ContainerStatsRequest.getDefaultInstance())),
        clock.instant());
  }

  public void remove(String id) {
    call(
        "remove container " + id,
        channel ->
            ContainersGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LONG.toMillis(), TimeUnit.MILLISECONDS)
                .remove(RemoveContainerRequest.newBuilder().setContainerId(id).build()));
  }

  public GuestContainer.Output output(String id, long offset) {
    return new GuestOutput(this, ProcessRef.newBuilder().setContainerId(id).build(), offset);
  }

  /** Standard input and terminal of the container's first process. */
  public GuestContainer.Input input(String id) {
    return new GuestInput(this, ProcessRef.newBuilder().setContainerId(id).build());
  }

  /** A connection to a server in the pod; WRONG_STATE if none listens on {@code port}. */
  public PodConnection connect(int port) {
    return GuestPodConnection.open(this, port);
  }

  public GuestContainer.Exec exec(String id, GuestContainer.Command command) {
    ProcessRef ref =
        ProcessRef.newBuilder().setContainerId(id).setExecId(UUID.randomUUID().toString()).build();
    call(
        "run " + command.args() + " in container " + id,
        channel ->
            ProcessesGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LONG.toMillis(), TimeUnit.MILLISECONDS)
                .exec(
                    ExecRequest.newBuilder()
                        .setRef(ref)
                        .setProcess(ContainerRequest.process(command))
                        .build()));
    return new GuestExec(this, ref);
  }

  private static Timestamp timestamp(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  /** Ends the connection; calls that wait fail with UNAVAILABLE. The guest runs on. */
  @Override
  public void close() {
    connection.close();
  }
}
