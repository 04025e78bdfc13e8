package dev.hull.vm.libvirt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What is asked of QEMU itself, by way of libvirt, where libvirt has no call for it (QEMU's QMP
 * reference manual names the commands).
 */
final class Monitor {
  private static final Duration DEADLINE = Duration.ofSeconds(15);
  private static final Duration STEP = Duration.ofMillis(2);

  private final Driver driver;
  private final DomainName name;

  Monitor(Driver driver, DomainName name) {
    this.driver = driver;
    this.name = name;
  }

  /** Carries a command out and returns its answer. */
  JsonElement run(String command, JsonObject arguments) {
    JsonObject line = new JsonObject();
    line.addProperty("execute", command);
    line.add("arguments", arguments);
    String answer =
        driver.require(
            name,
            "ask QEMU to " + command + " of",
            DEADLINE,
            domain -> domain.qemuMonitorCommand(line.toString(), 0));
    JsonObject said = JsonParser.parseString(answer).getAsJsonObject();
    if (said.has("error")) {
      throw new MachineException(
          Kind.INTERNAL,
          "QEMU refuses %s of %s: %s"
              .formatted(command, name, said.getAsJsonObject("error").get("desc").getAsString()));
    }
    return said.get("return");
  }

  JsonElement run(String command) {
    return run(command, new JsonObject());
  }

  JsonElement run(String command, String argument, String value) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty(argument, value);
    return run(command, arguments);
  }

  JsonElement run(String command, String argument, long value) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty(argument, value);
    return run(command, arguments);
  }

  /** Asks until the answer is as wanted; false if it is not in time. */
  boolean await(String query, Predicate<JsonObject> wanted, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      if (wanted.test(run(query).getAsJsonObject())) {
        return true;
      }
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(STEP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(Kind.UNAVAILABLE, "interrupted while waiting for QEMU", e);
    }
  }
}
