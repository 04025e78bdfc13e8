package dev.hull.agent;

import dev.hull.agent.linux.Linux;
import dev.hull.agent.machine.BootSteps;
import dev.hull.agent.machine.Configurator;
import dev.hull.agent.machine.Disks;
import dev.hull.agent.machine.MachineService;
import dev.hull.agent.machine.PowerSwitch;
import dev.hull.agent.machine.SystemFacts;
import dev.hull.agent.machine.Workload;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.GuestChannel;
import dev.hull.guest.channel.Port;
import io.grpc.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/** The agent's parts, put together. */
final class Agent {
  private final Linux linux;
  private final BootSteps bootSteps;
  private final Folders folders;

  /** Where the agent's world is: the guest's own folders, or others in a rehearsal. */
  record Folders(Path proc, Path sys, Path dev, Path run) {
    static final Folders GUEST =
        new Folders(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"), Path.of("/run/hull"));
  }

  Agent(Linux linux, BootSteps bootSteps, Folders folders) {
    this.linux = linux;
    this.bootSteps = bootSteps;
    this.folders = folders;
  }

  /** Serves on the port until the server ends, which it does only in a rehearsal. */
  void serve(Port port) throws IOException, InterruptedException {
    Workload workload = grace -> {};
    Server server =
        AgentTransport.server(new GuestChannel(port))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .intercept(new ErrorMapping())
            .addService(
                new MachineService(
                    version(),
                    bootSteps,
                    new SystemFacts(folders.proc()),
                    new Configurator(
                        linux,
                        new Disks(folders.sys(), folders.dev()),
                        folders.run(),
                        folders.proc().resolve("sys")),
                    new PowerSwitch(workload, linux.power())))
            .build()
            .start();
    bootSteps.reached("agent", linux.clock().bootMillis());
    server.awaitTermination();
  }

  private static String version() {
    String version = Agent.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
