package dev.hull.agent;

import static dev.hull.agent.linux.Mounts.NO_DEV;
import static dev.hull.agent.linux.Mounts.NO_EXEC;
import static dev.hull.agent.linux.Mounts.NO_SUID;

import dev.hull.agent.channel.VirtioPort;
import dev.hull.agent.channel.VirtioPorts;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.Mounts;
import dev.hull.agent.machine.BootSteps;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What the first-stage init leaves to the agent, up to the open serial ports. */
final class Boot {
  /**
   * In the environment, the number of a descriptor: its end comes when the first-stage init's child
   * has loaded all modules.
   */
  static final String MODULES_PIPE = "HULL_MODULES_PIPE";

  private static final Duration PORT_DEADLINE = Duration.ofSeconds(10);

  private final Linux linux;
  private final Agent.Folders folders;

  Boot(Linux linux, Agent.Folders folders) {
    this.linux = linux;
    this.folders = folders;
  }

  /**
   * The ports to the host.
   *
   * @param agent for the agent's protocol
   * @param output for what processes say, a descriptor that does not block
   */
  record Ports(Port agent, int output) {}

  /** What the host calls them. */
  record PortNames(String agent, String output) {}

  /**
   * Mounts what is not needed to start the agent, waits for the modules, opens the ports. Meanwhile
   * another CPU loads what the server is made of.
   *
   * @param modulesPipe the value of {@link #MODULES_PIPE}; empty if all are loaded
   */
  Ports run(BootSteps steps, String modulesPipe, PortNames names) throws IOException {
    Thread.ofPlatform().daemon().name("preload").start(AgentTransport::preload);
    steps.reached("main", linux.clock().bootMillis());
    mountFileSystems(linux.mounts());
    awaitModules(modulesPipe);
    VirtioPorts ports = new VirtioPorts(folders.sys().resolve("class/virtio-ports"), folders.dev());
    Path agent = ports.await(names.agent(), PORT_DEADLINE);
    Path output = ports.await(names.output(), PORT_DEADLINE);
    Descriptors descriptors = linux.descriptors();
    return new Ports(
        VirtioPort.open(descriptors, agent.toString()),
        descriptors.open(output.toString(), Descriptors.READ_WRITE | Descriptors.NON_BLOCKING, 0));
  }

  private static void mountFileSystems(Mounts mounts) throws IOException {
    mounts.mount("tmpfs", "/run", "tmpfs", NO_SUID | NO_DEV, "mode=755");
    mounts.mount("tmpfs", "/tmp", "tmpfs", NO_SUID | NO_DEV, "mode=1777");
    Files.createDirectories(Path.of("/dev/pts"));
    Files.createDirectories(Path.of("/dev/shm"));
    mounts.mount("devpts", "/dev/pts", "devpts", NO_SUID | NO_EXEC, "gid=5,mode=620,ptmxmode=666");
    mounts.mount("tmpfs", "/dev/shm", "tmpfs", NO_SUID | NO_DEV, "mode=1777");
    mounts.mount("cgroup2", "/sys/fs/cgroup", "cgroup2", NO_SUID | NO_DEV | NO_EXEC, "nsdelegate");
    Files.createDirectories(Path.of("/run/hull/replicas"));
    // Bounded by the guest's memory alone, in bytes and files; what is copied there is the pod's.
    mounts.mount(
        "tmpfs", "/run/hull/replicas", "tmpfs", NO_SUID | NO_DEV, "mode=755,size=0,nr_inodes=0");
    for (String folder : new String[] {"pod", "share", "scratch", "layers", "containers"}) {
      Files.createDirectories(Path.of("/run/hull", folder));
    }
  }

  private void awaitModules(String pipe) {
    if (pipe.isEmpty()) {
      return;
    }
    int descriptor = Integer.parseInt(pipe);
    linux.descriptors().read(descriptor, new byte[1], 0, 1);
    linux.descriptors().close(descriptor);
  }
}
