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
    if (ProcessHandle.current().pid() != 1) {
      System.err.println("hull-agent: runs only as the first process of a guest");
      System.exit(1);
    }
    Libc libc = new Libc();
    Linux linux = Linux.through(libc);
    try {
      run(libc, linux);
      System.err.println("hull-agent: the server has ended; the machine ends");
    } catch (Throwable e) {
      e.printStackTrace();
      // Last, for the host shows the console's last lines.
      System.err.println("hull-agent: " + e + "; the machine ends");
    }
    end(linux);
  }

  private static void end(Linux linux) {
    System.err.flush();
    try {
      linux.power().powerOff();
    } finally {
      // The kernel panics without its first process, and reboots; its trace would hide our reason.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(Libc libc, Linux linux) throws Exception {
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
