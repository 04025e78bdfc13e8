package dev.hull.agent;

import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.machine.BootSteps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The guest's first process. Its end is the machine's: whatever it cannot handle goes to the
 * console and ends it, and the kernel, which cannot go on without it, ends the machine.
 */
public final class Main {
  static final Boot.PortNames PORTS = new Boot.PortNames("dev.hull.agent.0", "dev.hull.output.0");

  static final Path LIBRARY = Path.of("/hull/libhull.so");

  private Main() {}

  public static void main(String[] args) throws IOException {
    if (!Files.readSymbolicLink(Path.of("/proc/self")).endsWith("1")) {
      System.err.println("hull-agent: runs only as the first process of a guest");
      System.exit(1);
    }
    Libc libc = new Libc(LIBRARY);
    Linux linux = Linux.through(libc);
    try {
      BootSteps steps = new BootSteps(environment(BootSteps.VARIABLE));
      Boot boot = new Boot(linux, Agent.Folders.GUEST);
      Boot.Ports ports = boot.run(steps, environment(Boot.MODULES_PIPE), PORTS);
      new Agent(linux, libc, steps, Agent.Folders.GUEST).serve(ports);
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

  static String environment(String name) {
    return Objects.requireNonNullElse(System.getenv(name), "");
  }
}
