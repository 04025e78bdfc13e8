package dev.hull.agent;

import dev.hull.agent.channel.VirtioPort;
import dev.hull.agent.channel.VirtioPorts;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.machine.BootSteps;
import dev.hull.guest.channel.Port;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * The guest's first process. Its end is the machine's: whatever it cannot handle goes to the
 * console and ends it, and the kernel, which cannot go on without it, ends the machine.
 */
public final class Main {
  /** The host's name for the serial port. */
  private static final String PORT = "dev.hull.agent.0";

  private static final Duration PORT_DEADLINE = Duration.ofSeconds(10);

  private Main() {}

  public static void main(String[] args) {
    try {
      run();
      System.err.println("hull-agent: the server has ended; the machine ends");
    } catch (Throwable e) {
      System.err.println("hull-agent: " + e + "; the machine ends");
      e.printStackTrace();
    }
    System.err.flush();
    Runtime.getRuntime().halt(1);
  }

  private static void run() throws Exception {
    if (ProcessHandle.current().pid() != 1) {
      throw new IllegalStateException("the agent runs only as the first process of a guest");
    }
    Libc libc = new Libc();
    Linux linux = Linux.through(libc);
    BootSteps steps =
        new BootSteps(Objects.requireNonNullElse(System.getenv(BootSteps.VARIABLE), ""));
    steps.reached("main", linux.clock().bootMillis());
    new Boot(linux.mounts()).mountFileSystems();
    Path device =
        new VirtioPorts(Path.of("/sys/class/virtio-ports"), Path.of("/dev"))
            .await(PORT, PORT_DEADLINE);
    Port port = VirtioPort.open(linux.descriptors(), device.toString());
    new Agent(linux, libc, steps, Agent.Folders.GUEST).serve(port);
  }
}
