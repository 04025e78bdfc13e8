package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.GuestChannel;
import dev.hull.guest.channel.OutputFrame;
import dev.hull.guest.channel.Port;
import dev.hull.guest.channel.SocketPort;
import dev.hull.guest.v1.BootStep;
import dev.hull.guest.v1.CgroupStats;
import dev.hull.guest.v1.ConfigureInterfaceRequest;
import dev.hull.guest.v1.ConfigureInterfaceResponse;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.ConfigureResponse;
import dev.hull.guest.v1.ConnectRequest;
import dev.hull.guest.v1.ConnectResponse;
import dev.hull.guest.v1.ConnectionsGrpc;
import dev.hull.guest.v1.ContainerState;
import dev.hull.guest.v1.ContainerStats;
import dev.hull.guest.v1.ContainerStatsRequest;
import dev.hull.guest.v1.ContainerStatsResponse;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ContainerStatusRequest;
import dev.hull.guest.v1.ContainersGrpc;
import dev.hull.guest.v1.CpuStats;
import dev.hull.guest.v1.CreateContainerRequest;
import dev.hull.guest.v1.CreateContainerResponse;
import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.DescribeResponse;
import dev.hull.guest.v1.GrowRequest;
import dev.hull.guest.v1.GrowResponse;
import dev.hull.guest.v1.InterfaceStats;
import dev.hull.guest.v1.LayerStats;
import dev.hull.guest.v1.ListContainersRequest;
import dev.hull.guest.v1.ListContainersResponse;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.MemoryStats;
import dev.hull.guest.v1.NetworkGrpc;
import dev.hull.guest.v1.OutputRequest;
import dev.hull.guest.v1.OutputResponse;
import dev.hull.guest.v1.PowerOffRequest;
import dev.hull.guest.v1.PowerOffResponse;
import dev.hull.guest.v1.PressureStats;
import dev.hull.guest.v1.ProcessUser;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.guest.v1.PublishReplicaRequest;
import dev.hull.guest.v1.PublishReplicaResponse;
import dev.hull.guest.v1.RemoveContainerRequest;
import dev.hull.guest.v1.RemoveContainerResponse;
import dev.hull.guest.v1.ReplicasGrpc;
import dev.hull.guest.v1.SignalContainerRequest;
import dev.hull.guest.v1.SignalContainerResponse;
import dev.hull.guest.v1.StageReplicaRequest;
import dev.hull.guest.v1.StageReplicaResponse;
import dev.hull.guest.v1.StallStats;
import dev.hull.guest.v1.StartContainerRequest;
import dev.hull.guest.v1.StartContainerResponse;
import dev.hull.guest.v1.StatsGrpc;
import dev.hull.guest.v1.UpdateContainerRequest;
import dev.hull.guest.v1.UpdateContainerResponse;
import dev.hull.guest.v1.WaitContainerRequest;
import dev.hull.vm.hypervisor.DomainSpec;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An agent without a guest: the real protocol over a real port, containers in memory. */
public final class FakeAgent implements AutoCloseable {
  /** Ways to break the protocol. */
  public enum Crime {
    OVERSIZE_ANSWER,
    STATUS_OF_ANOTHER_CONTAINER,
    IMPOSSIBLE_STATE,
    IMPOSSIBLE_EXIT_CODE,
    EXIT_THAT_IS_NONE,
    OUTPUT_OUT_OF_ORDER,
    OVERSIZE_OUTPUT,
    OUTPUT_OF_NO_STREAM,
    OUTPUT_FOR_NOBODY,
    ACKNOWLEDGED_OUTPUT,
    OUTPUT_ENDS_EARLY,
    OUTPUT_NEVER_COMES,
    OVERSIZE_CONNECTION_DATA,
    CONNECTION_WITHOUT_END,
    TIME_OUT_OF_RANGE,
    NEGATIVE_COUNT,
    INTERFACE_LIKE_A_PATH,
    USE_OF_A_STRANGE_CONTAINER,
    IMPOSSIBLE_PERCENTAGE,
    IMPOSSIBLE_USER
  }

  private static final int SIGKILL = 9;

  private final Set<Crime> crimes = ConcurrentHashMap.newKeySet();
  private final Map<String, ContainerStatus> containers = new LinkedHashMap<>();
  private final Map<String, List<StreamObserver<ContainerStatus>>> waiting = new LinkedHashMap<>();
  private final GuestChannel channel;
  private final FakeOutputLine output;
  private final Server server;
  private final Runnable powerOff;
  private final Map<String, String> staged = new LinkedHashMap<>();
  private final Map<String, String> replicas = new LinkedHashMap<>();
  private final Map<String, dev.hull.guest.v1.ContainerSpec> specs = new LinkedHashMap<>();
  private @Nullable ConfigureRequest configured;
  private int creations;
  private boolean stunted;
  private Optional<GrowRequest> grown = Optional.empty();
  private final List<UpdateContainerRequest> updated = new ArrayList<>();

  /** Listens on both of a machine's ports. */
  FakeAgent(DomainSpec.Ports ports) throws IOException {
    this(new SocketPort(ports.agent()), FakeOutputLine.at(ports.output()), () -> {});
  }

  /**
   * Takes the port over.
   *
   * @param output what processes say goes over it
   * @param powerOff what happens when the host asks for it
   */
  public FakeAgent(Port port, FakeOutputLine output, Runnable powerOff) throws IOException {
    this.powerOff = powerOff;
    this.output = output;
    this.channel = new GuestChannel(port);
    this.server =
        AgentTransport.server(channel)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .addService(new MachineService())
            .addService(new NetworkService())
            .addService(new ContainersService())
            .addService(new ProcessesService())
            .addService(new ConnectionsService())
            .addService(new StatsService())
            .addService(new ReplicasService())
            .build()
            .start();
  }

  /** What processes say goes over it. */
  FakeOutputLine output() {
    return output;
  }

  /** From now on this one, and no other. */
  public void commit(Crime crime) {
    crimes.clear();
    crimes.add(crime);
  }

  /** From now on it takes nothing into use that is plugged in, or does again. */
  public synchronized void stunt(boolean yes) {
    stunted = yes;
  }

  /** What it was last asked to take into use. */
  public synchronized Optional<GrowRequest> grown() {
    return grown;
  }

  /** Which limits it was asked to set, in order. */
  public synchronized List<UpdateContainerRequest> updated() {
    return List.copyOf(updated);
  }

  /** What is shown of each copy, by its path in the share. */
  public synchronized Map<String, String> replicas() {
    return Map.copyOf(replicas);
  }

  /** What a container was made of. */
  public synchronized dev.hull.guest.v1.ContainerSpec spec(String id) {
    return Objects.requireNonNull(specs.get(id), id);
  }

  /** How many containers there are. */
  public synchronized int containers() {
    return containers.size();
  }

  /** How often one was created, again with the same id not counted. */
  public synchronized int creations() {
    return creations;
  }

  /** A container's first process exits. */
  public void exit(String id, int code) {
    List<StreamObserver<ContainerStatus>> told;
    ContainerStatus status;
    synchronized (this) {
      ContainerStatus before = containers.get(id);
      if (before == null || before.getState() != ContainerState.CONTAINER_STATE_RUNNING) {
        return;
      }
      status =
          before.toBuilder()
              .setState(ContainerState.CONTAINER_STATE_EXITED)
              .setExitCode(code)
              .setPid(0)
              .setFinishedAt(Timestamp.newBuilder().setSeconds(30))
              .build();
      containers.put(id, status);
      told = waiting.remove(id);
    }
    if (told != null) {
      told.forEach(observer -> answer(observer, distort(status)));
    }
  }

  private ContainerStatus distort(ContainerStatus status) {
    ContainerStatus.Builder said = status.toBuilder();
    if (crimes.contains(Crime.STATUS_OF_ANOTHER_CONTAINER)) {
      said.setContainerId("f".repeat(64));
    }
    if (crimes.contains(Crime.IMPOSSIBLE_STATE)) {
      said.setStateValue(77);
    }
    if (crimes.contains(Crime.IMPOSSIBLE_EXIT_CODE)) {
      said.setExitCode(1234);
    }
    if (crimes.contains(Crime.EXIT_THAT_IS_NONE)) {
      said.setState(ContainerState.CONTAINER_STATE_RUNNING).setPid(3);
    }
    if (crimes.contains(Crime.TIME_OUT_OF_RANGE)) {
      said.setFinishedAt(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE));
    }
    if (crimes.contains(Crime.IMPOSSIBLE_USER)) {
      said.getUserBuilder().addGroups(-1);
    }
    return said.build();
  }

  private static <T> void answer(StreamObserver<T> observer, T answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      output.close();
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private final class MachineService extends MachineGrpc.MachineImplBase {
    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
      String version = crimes.contains(Crime.OVERSIZE_ANSWER) ? "v".repeat(5 << 20) : "1";
      answer(
          observer,
          DescribeResponse.newBuilder()
              .setAgentVersion(version)
              .addBootSteps(BootStep.newBuilder().setName("kernel").setAtMillis(1))
              .addBootSteps(BootStep.newBuilder().setName("agent").setAtMillis(2))
              .build());
    }

    @Override
    public void configure(ConfigureRequest request, StreamObserver<ConfigureResponse> observer) {
      synchronized (FakeAgent.this) {
        if (configured != null && !configured.equals(request)) {
          observer.onError(Status.FAILED_PRECONDITION.asException());
          return;
        }
        configured = request.getProvisional() ? null : request;
      }
      answer(observer, ConfigureResponse.getDefaultInstance());
    }

    @Override
    public void grow(GrowRequest request, StreamObserver<GrowResponse> observer) {
      synchronized (FakeAgent.this) {
        if (stunted) {
          observer.onError(
              Status.DEADLINE_EXCEEDED.withDescription("no CPU has come").asException());
          return;
        }
        grown = Optional.of(request);
      }
      answer(observer, GrowResponse.getDefaultInstance());
    }

    @Override
    public void powerOff(PowerOffRequest request, StreamObserver<PowerOffResponse> observer) {
      answer(observer, PowerOffResponse.getDefaultInstance());
      powerOff.run();
    }
  }

  private static final class NetworkService extends NetworkGrpc.NetworkImplBase {
    @Override
    public void configureInterface(
        ConfigureInterfaceRequest request, StreamObserver<ConfigureInterfaceResponse> observer) {
      answer(observer, ConfigureInterfaceResponse.getDefaultInstance());
    }
  }

  private final class StatsService extends StatsGrpc.StatsImplBase {
    @Override
    public void containers(
        ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
      ContainerStatsResponse.Builder response = ContainerStatsResponse.newBuilder();
      synchronized (FakeAgent.this) {
        containers.keySet().forEach(id -> response.addStats(use(id)));
      }
      if (crimes.contains(Crime.USE_OF_A_STRANGE_CONTAINER)) {
        response.addStats(use("../../etc"));
      }
      response
          .getPodBuilder()
          .setMemoryAvailableBytes(100)
          .addInterfaces(
              InterfaceStats.newBuilder()
                  .setName(crimes.contains(Crime.INTERFACE_LIKE_A_PATH) ? "../eth0" : "eth0")
                  .setReceivedBytes(5));
      answer(observer, response.build());
    }

    private ContainerStats use(String id) {
      double average = crimes.contains(Crime.IMPOSSIBLE_PERCENTAGE) ? Double.NaN : 1.5;
      return ContainerStats.newBuilder()
          .setContainerId(id)
          .setCgroup(
              CgroupStats.newBuilder()
                  .setCpu(CpuStats.newBuilder().setUsageMicros(7))
                  .setMemory(
                      MemoryStats.newBuilder()
                          .setCurrentBytes(crimes.contains(Crime.NEGATIVE_COUNT) ? -1 : 4096)
                          .setInactiveFileBytes(96))
                  .setIoPressure(
                      PressureStats.newBuilder()
                          .setSome(
                              StallStats.newBuilder().setTotalMicros(9).setAverage10S(average))))
          .setWritableLayer(LayerStats.newBuilder().setBytes(8192).setInodes(2).setAgeMillis(1000))
          .build();
    }
  }

  private final class ContainersService extends ContainersGrpc.ContainersImplBase {
    @Override
    public void create(
        CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
      synchronized (FakeAgent.this) {
        specs.put(request.getContainerId(), request.getSpec());
        if (containers.putIfAbsent(
                request.getContainerId(),
                ContainerStatus.newBuilder()
                    .setContainerId(request.getContainerId())
                    .setState(ContainerState.CONTAINER_STATE_CREATED)
                    .setCreatedAt(Timestamp.newBuilder().setSeconds(10))
                    .build())
            == null) {
          creations++;
        }
      }
      answer(observer, CreateContainerResponse.getDefaultInstance());
    }

    @Override
    public void update(
        UpdateContainerRequest request, StreamObserver<UpdateContainerResponse> observer) {
      synchronized (FakeAgent.this) {
        updated.add(request);
      }
      answer(observer, UpdateContainerResponse.getDefaultInstance());
    }

    @Override
    public void start(
        StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
      Timestamp at = Timestamp.newBuilder().setSeconds(20).build();
      synchronized (FakeAgent.this) {
        ContainerStatus status = containers.get(request.getContainerId());
        if (status == null || status.getState() != ContainerState.CONTAINER_STATE_CREATED) {
          observer.onError(Status.FAILED_PRECONDITION.asException());
          return;
        }
        containers.put(
            request.getContainerId(),
            status.toBuilder()
                .setState(ContainerState.CONTAINER_STATE_RUNNING)
                .setStartedAt(at)
                .setPid(5)
                .setUser(ProcessUser.newBuilder().setUid(33).setGid(34).addGroups(34).addGroups(4))
                .build());
      }
      answer(observer, StartContainerResponse.newBuilder().setStartedAt(at).build());
    }

    @Override
    public void signal(
        SignalContainerRequest request, StreamObserver<SignalContainerResponse> observer) {
      answer(observer, SignalContainerResponse.getDefaultInstance());
      exit(request.getContainerId(), 128 + request.getSignal());
    }

    @Override
    public void status(ContainerStatusRequest request, StreamObserver<ContainerStatus> observer) {
      ContainerStatus status;
      synchronized (FakeAgent.this) {
        status = containers.get(request.getContainerId());
      }
      if (status == null) {
        observer.onError(Status.NOT_FOUND.asException());
      } else {
        answer(observer, status);
      }
    }

    @Override
    public void wait(WaitContainerRequest request, StreamObserver<ContainerStatus> observer) {
      ContainerStatus status;
      synchronized (FakeAgent.this) {
        status = containers.get(request.getContainerId());
        if (status != null && status.getState() != ContainerState.CONTAINER_STATE_EXITED) {
          waiting.computeIfAbsent(request.getContainerId(), id -> new ArrayList<>()).add(observer);
          return;
        }
      }
      if (status == null) {
        observer.onError(Status.NOT_FOUND.asException());
      } else {
        answer(observer, distort(status));
      }
    }

    @Override
    public void list(
        ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
      synchronized (FakeAgent.this) {
        answer(
            observer,
            ListContainersResponse.newBuilder().addAllContainers(containers.values()).build());
      }
    }

    @Override
    public void remove(
        RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
      exit(request.getContainerId(), 128 + SIGKILL);
      synchronized (FakeAgent.this) {
        containers.remove(request.getContainerId());
      }
      answer(observer, RemoveContainerResponse.getDefaultInstance());
    }
  }

  /** Every process prints the same: "one" and "six" to standard output, "two" between to error. */
  private final class ProcessesService extends ProcessesGrpc.ProcessesImplBase {
    @Override
    public void output(OutputRequest request, StreamObserver<OutputResponse> observer) {
      // Whole pieces, from the one that has the first byte wanted.
      int begin = crimes.contains(Crime.OUTPUT_NEVER_COMES) ? 9 : (int) request.getOffset() / 3 * 3;
      for (int from = begin; from < 9; from += 3) {
        byte[] data = "onetwosix".substring(from, from + 3).getBytes(StandardCharsets.UTF_8);
        output.send(request.getLine(), head(request.getFlow(), from, data.length), data);
      }
      answer(
          observer,
          OutputResponse.newBuilder()
              .setEnd(crimes.contains(Crime.OUTPUT_ENDS_EARLY) ? 8 : 9)
              .build());
    }

    private byte[] head(int flow, int from, int length) {
      OutputFrame.Kind stream = from == 3 ? OutputFrame.Kind.STDERR : OutputFrame.Kind.STDOUT;
      byte[] head = new OutputFrame(stream, flow, length, from, 1_000_000_001).encode();
      ByteBuffer bytes = ByteBuffer.wrap(head);
      if (crimes.contains(Crime.OUTPUT_OUT_OF_ORDER)) {
        bytes.putLong(16, from + 1);
      }
      if (crimes.contains(Crime.OVERSIZE_OUTPUT)) {
        bytes.putInt(8, 100_000);
      }
      if (crimes.contains(Crime.OUTPUT_OF_NO_STREAM)) {
        bytes.put(0, (byte) 9);
      }
      if (crimes.contains(Crime.OUTPUT_FOR_NOBODY)) {
        bytes.putInt(4, flow + 1);
      }
      if (crimes.contains(Crime.ACKNOWLEDGED_OUTPUT)) {
        bytes.put(0, (byte) 3);
      }
      return head;
    }
  }

  private final class ReplicasService extends ReplicasGrpc.ReplicasImplBase {
    @Override
    public void stage(StageReplicaRequest request, StreamObserver<StageReplicaResponse> observer) {
      synchronized (FakeAgent.this) {
        staged.put(request.getSharePath(), request.getData());
      }
      answer(observer, StageReplicaResponse.getDefaultInstance());
    }

    @Override
    public void publish(
        PublishReplicaRequest request, StreamObserver<PublishReplicaResponse> observer) {
      synchronized (FakeAgent.this) {
        if (!request.getData().equals(staged.get(request.getSharePath()))) {
          observer.onError(Status.FAILED_PRECONDITION.asException());
          return;
        }
        replicas.put(request.getSharePath(), request.getData());
      }
      answer(observer, PublishReplicaResponse.getDefaultInstance());
    }
  }

  /** On port 80 whoever connects gets back what it sends; nothing listens on others. */
  private final class ConnectionsService extends ConnectionsGrpc.ConnectionsImplBase {
    @Override
    public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> observer) {
      return new StreamObserver<>() {
        private boolean begun;

        @Override
        public void onNext(ConnectRequest request) {
          if (begun) {
            observer.onNext(
                ConnectResponse.newBuilder()
                    .setData(
                        crimes.contains(Crime.OVERSIZE_CONNECTION_DATA)
                            ? ByteString.copyFrom(new byte[100_000])
                            : request.getData())
                    .build());
          } else if (request.getPort() == 80) {
            begun = true;
            observer.onNext(ConnectResponse.getDefaultInstance());
          } else {
            observer.onError(
                Status.FAILED_PRECONDITION.withDescription("nobody listens").asException());
          }
        }

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {
          if (!crimes.contains(Crime.CONNECTION_WITHOUT_END)) {
            observer.onNext(ConnectResponse.newBuilder().setEnd(true).build());
          }
          observer.onCompleted();
        }
      };
    }
  }
}
