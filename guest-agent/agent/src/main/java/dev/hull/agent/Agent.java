package dev.hull.agent;

import dev.hull.agent.connection.ConnectionsService;
import dev.hull.agent.container.ContainerServices;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.machine.BootSteps;
import dev.hull.agent.machine.Configurator;
import dev.hull.agent.machine.Disks;
import dev.hull.agent.machine.Growth;
import dev.hull.agent.machine.MachineService;
import dev.hull.agent.machine.PowerSwitch;
import dev.hull.agent.machine.ScsiAddress;
import dev.hull.agent.machine.SystemFacts;
import dev.hull.agent.network.NetworkService;
import dev.hull.agent.stats.StatsService;
import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.GuestChannel;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;

/** The agent's parts, put together. */
final class Agent {
  /** For a disk that is still arriving by hot-plug. */
  private static final Duration DISK_DEADLINE = Duration.ofSeconds(10);

  private final Linux linux;
  private final Libc libc;
  private final BootSteps bootSteps;
  private final Folders folders;

  /** Where the agent's world is: the guest's own folders, or others in a rehearsal. */
  record Folders(Path proc, Path sys, Path dev, Path run, Path cgroups, Path launcher) {
    static final Folders GUEST =
        new Folders(
            Path.of("/proc"),
            Path.of("/sys"),
            Path.of("/dev"),
            Path.of("/run/hull"),
            Path.of("/sys/fs/cgroup"),
            Path.of("/hull/launch"));
  }

  Agent(Linux linux, Libc libc, BootSteps bootSteps, Folders folders) {
    this.linux = linux;
    this.libc = libc;
    this.bootSteps = bootSteps;
    this.folders = folders;
  }

  /** Serves on the ports until the server ends, which it does only in a rehearsal. */
  void serve(Boot.Ports ports) throws IOException, InterruptedException {
    Disks disks = new Disks(folders.sys(), folders.dev());
    PodNetwork network = new PodNetwork(libc::enterNetwork);
    ContainerServices containers =
        new ContainerServices(
            linux,
            libc,
            network,
            address -> disks.await(ScsiAddress.from(address), DISK_DEADLINE),
            ports.output(),
            new ContainerServices.Folders(
                folders.run(),
                folders.cgroups(),
                folders.launcher(),
                new StatsService.Folders(folders.proc(), folders.sys())));
    Configurator configurator =
        new Configurator(
            linux,
            disks,
            containers::beginUsers,
            network,
            folders.run(),
            folders.proc().resolve("sys"));
    MachineService machine =
        new MachineService(
            version(),
            bootSteps,
            new SystemFacts(folders.proc()),
            configurator,
            new Growth(folders.sys()),
            new PowerSwitch(containers::stopContainers, linux.power()));
    OkHttpServerBuilder builder =
        AgentTransport.server(new GuestChannel(ports.agent()))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .intercept(new ErrorMapping())
            .addService(machine)
            .addService(
                new NetworkService(
                    linux.descriptors(),
                    network,
                    folders.sys(),
                    folders.proc(),
                    configurator::interfaceHas))
            .addService(new ConnectionsService(network));
    containers.services().forEach(builder::addService);
    Server server = builder.build().start();
    bootSteps.reached("agent", linux.clock().bootMillis());
    server.awaitTermination();
  }

  private static String version() {
    String version = Agent.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
