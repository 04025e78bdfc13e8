package dev.hull.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.Power;
import dev.hull.agent.machine.BootSteps;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.HostChannel;
import dev.hull.guest.channel.SocketPort;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.PowerOffRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the agent without a machine, so that the guest image's recipe can record what a start loads:
 * {@code Rehearsal agent SOCKET} is the agent; {@code Rehearsal conduct AGENT EVALUATION SOCKET}
 * starts it by the first command (a line an argument), plays the host, and then runs the second,
 * which makes the cache of the recording. Nothing of the machine that it runs on is changed.
 */
public final class Rehearsal {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

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
    Linux real = Linux.through(new Libc());
    Linux harmless =
        new Linux(real.mounts(), real.descriptors(), new Exit(), real.clock(), real.hostname());
    BootSteps steps = new BootSteps("init=1,jvm=2");
    new Agent(harmless, steps, Agent.Folders.GUEST).serve(new SocketPort(socket));
  }

  private static void playHost(Path socket) throws Exception {
    ManagedChannel channel =
        AgentTransport.client(HostChannel.open(socket, HostChannel.Guest.FRESH, DEADLINE)).build();
    try {
      MachineGrpc.MachineBlockingStub machine =
          MachineGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      System.out.println(machine.describe(DescribeRequest.getDefaultInstance()));
      try {
        machine.configure(invalid());
      } catch (StatusRuntimeException e) {
        System.out.println("refused, as it should be: " + e.getStatus().getDescription());
      }
      machine.powerOff(PowerOffRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }

  /**
   * Has all fields, so that their code is loaded, and a hostname that is refused before any use.
   */
  private static ConfigureRequest invalid() {
    return ConfigureRequest.newBuilder()
        .setPodUid("rehearsal")
        .setHostname("-")
        .setNow(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
        .setEntropy(ByteString.copyFrom(new byte[32]))
        .putSysctls("net.ipv4.ip_unprivileged_port_start", "0")
        .build();
  }

  /** Ends the process in order, for only then its recording is written. */
  private static final class Exit implements Power {
    @Override
    public void sync() {}

    @Override
    public void powerOff() {
      System.exit(0);
    }
  }
}
