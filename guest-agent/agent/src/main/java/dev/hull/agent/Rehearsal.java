package dev.hull.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.machine.BootSteps;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.HostChannel;
import dev.hull.guest.channel.Port;
import dev.hull.guest.channel.SocketPort;
import dev.hull.guest.v1.ConfigureInterfaceRequest;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.ConnectRequest;
import dev.hull.guest.v1.ConnectResponse;
import dev.hull.guest.v1.ConnectionsGrpc;
import dev.hull.guest.v1.ContainerStatsRequest;
import dev.hull.guest.v1.ContainersGrpc;
import dev.hull.guest.v1.CreateContainerRequest;
import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.Dns;
import dev.hull.guest.v1.GrowRequest;
import dev.hull.guest.v1.ListContainersRequest;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.NetworkGrpc;
import dev.hull.guest.v1.PowerOffRequest;
import dev.hull.guest.v1.ReplicasGrpc;
import dev.hull.guest.v1.Route;
import dev.hull.guest.v1.StageReplicaRequest;
import dev.hull.guest.v1.StatsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the agent without a machine, so that the guest image's recipe can record what a start loads:
 * {@code Rehearsal agent SOCKET} is the agent; {@code Rehearsal conduct AGENT EVALUATION SOCKET}
 * starts it by the first command (a line an argument), plays the host, and then runs the second,
 * which makes the cache of the recording. It wants mount, network and UTS namespaces of its own;
 * these are all that it changes.
 */
public final class Rehearsal {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final List<String> PIPES = List.of("vport0p1", "vport0p2");
  private static final long MKNOD = 133;
  private static final long FIFO = 0010600;

  private Rehearsal() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 2 && args[0].equals("agent")) {
      playAgent(Path.of(args[1]));
    } else if (args.length == 4 && args[0].equals("conduct")) {
      conduct(args[1].lines().toList(), args[2].lines().toList(), Path.of(args[3]));
    } else {
      throw new IllegalArgumentException(
          "usage: Rehearsal agent SOCKET | Rehearsal conduct COMMAND COMMAND SOCKET");
    }
  }

  private static void conduct(List<String> agent, List<String> evaluation, Path socket)
      throws Exception {
    Process process = new ProcessBuilder(agent).inheritIO().start();
    try {
      await(socket, process);
      playHost(socket);
      require(process, "the rehearsed agent");
    } finally {
      process.destroyForcibly();
    }
    require(new ProcessBuilder(evaluation).inheritIO().start(), "the evaluation of the rehearsal");
  }

  private static void await(Path socket, Process agent) throws InterruptedException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (Files.notExists(socket)) {
      if (!agent.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException(
            "the rehearsed agent has no socket after at most " + DEADLINE.toSeconds() + " s");
      }
      Thread.sleep(Duration.ofMillis(10));
    }
  }

  private static void require(Process process, String what) throws InterruptedException {
    if (!process.waitFor(DEADLINE) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          what + " did not end well within " + DEADLINE.toSeconds() + " s");
    }
  }

  private static void playAgent(Path socket) throws Exception {
    Libc libc = new Libc(Main.LIBRARY);
    Linux linux = new Stage(Linux.through(libc)).linux();
    BootSteps steps = new BootSteps("init=1,jvm=2");
    int output = boot(libc, linux, steps);
    Agent.Folders folders =
        new Agent.Folders(
            Path.of("/proc"),
            Path.of("/sys"),
            Path.of("/dev"),
            Path.of("/run/hull"),
            cgroups(Path.of("/run/cgroup")),
            Agent.Folders.GUEST.launcher());
    new Agent(linux, libc, steps, folders).serve(new Boot.Ports(new SocketPort(socket), output));
  }

  /**
   * With pipes for serial ports, which give back what is written to them; the one for output, to
   * which nobody writes.
   */
  private static int boot(Libc libc, Linux linux, BootSteps steps) throws IOException {
    Path place = Path.of("/run/boot");
    Iterator<String> names = List.of(Main.PORTS.agent(), Main.PORTS.output()).iterator();
    for (String pipe : PIPES) {
      Path sysfs = Files.createDirectories(place.resolve("class/virtio-ports/" + pipe));
      Files.writeString(sysfs.resolve("name"), names.next());
      try (Arena arena = Arena.ofConfined()) {
        String file = place.resolve(pipe).toString();
        libc.syscall("mknod", file, MKNOD, Libc.string(arena, file).address(), FIFO, 0);
      }
    }
    Agent.Folders folders =
        new Agent.Folders(place, place, place, place, place, Agent.Folders.GUEST.launcher());
    byte[] message = "rehearsal".getBytes(StandardCharsets.UTF_8);
    Boot.Ports ports =
        new Boot(linux, folders).run(steps, Main.environment(Boot.MODULES_PIPE), Main.PORTS);
    try (Port port = ports.agent()) {
      port.write(message, 0, message.length);
      byte[] echo = new byte[message.length];
      if (port.read(echo, 0, echo.length) != message.length || !Arrays.equals(message, echo)) {
        throw new IllegalStateException("the rehearsed port gave something else back");
      }
    }
    return ports.output();
  }

  /** Plain files where the agent writes at its start: real cgroups would be the machine's. */
  private static Path cgroups(Path folder) throws IOException {
    for (String file :
        List.of(
            "cgroup.controllers",
            "cgroup.subtree_control",
            "agent/cgroup.procs",
            "pod/cgroup.controllers",
            "pod/cgroup.subtree_control")) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.writeString(folder.resolve(file), "");
    }
    return folder;
  }

  private static void playHost(Path socket) throws Exception {
    ManagedChannel channel =
        AgentTransport.client(HostChannel.open(socket, HostChannel.Guest.FRESH, DEADLINE)).build();
    try {
      MachineGrpc.MachineBlockingStub machine =
          MachineGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      System.out.println(machine.describe(DescribeRequest.getDefaultInstance()));
      refused(() -> machine.configure(ConfigureRequest.getDefaultInstance()));
      machine.configure(identity());
      System.out.println(machine.grow(GrowRequest.newBuilder().setVcpus(1).build()));
      NetworkGrpc.newBlockingStub(channel).configureInterface(loopback());
      ContainersGrpc.ContainersBlockingStub containers = ContainersGrpc.newBlockingStub(channel);
      System.out.println(containers.list(ListContainersRequest.getDefaultInstance()));
      refused(() -> containers.create(CreateContainerRequest.getDefaultInstance()));
      System.out.println(
          StatsGrpc.newBlockingStub(channel)
              .containers(ContainerStatsRequest.getDefaultInstance()));
      refused(
          () ->
              ReplicasGrpc.newBlockingStub(channel)
                  .stage(StageReplicaRequest.getDefaultInstance()));
      refusedConnection(channel);
      machine.powerOff(PowerOffRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }

  /** Nobody listens on any port of the rehearsal's network namespace. */
  private static void refusedConnection(ManagedChannel channel)
      throws InterruptedException, StatusException {
    BlockingClientCall<ConnectRequest, ConnectResponse> call =
        ConnectionsGrpc.newBlockingV2Stub(channel).connect();
    call.write(ConnectRequest.newBuilder().setPort(1).build());
    try {
      call.read();
    } catch (StatusException e) {
      System.out.println("refused, as it should be: " + e.getStatus());
      return;
    }
    throw new IllegalStateException("the rehearsed agent connected to a port that is closed");
  }

  private static void refused(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      System.out.println("refused, as it should be: " + e.getStatus());
      return;
    }
    throw new IllegalStateException("the rehearsed agent took what it must refuse");
  }

  private static ConfigureRequest identity() {
    return ConfigureRequest.newBuilder()
        .setPodUid("rehearsal")
        .setHostname("rehearsal")
        .setNow(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
        .setEntropy(ByteString.copyFrom(new byte[32]))
        .setDns(Dns.newBuilder().addServers("127.0.0.1").addSearches("local"))
        .putSysctls("net.ipv4.ip_unprivileged_port_start", "0")
        .setShareTag("hull")
        .build();
  }

  /** The only interface of the network namespace that the recipe makes for the rehearsal. */
  private static ConfigureInterfaceRequest loopback() {
    return ConfigureInterfaceRequest.newBuilder()
        .setName("lo")
        .setMac("00:00:00:00:00:00")
        .setMtu(1500)
        .addAddresses("10.0.0.2/24")
        .addAddresses("fd00::2/64")
        .addRoutes(Route.newBuilder().setDestination("0.0.0.0/0").setGateway("10.0.0.1"))
        .build();
  }
}
