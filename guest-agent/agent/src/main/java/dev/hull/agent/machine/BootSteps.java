package dev.hull.agent.machine;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * When the boot reached each step, in milliseconds since the kernel started. Written by the boot's
 * one thread, then read.
 */
public final class BootSteps {
  /** The first-stage init's record, in the environment: {@code init=800,jvm=1200}. */
  public static final String VARIABLE = "HULL_BOOT_STEPS";

  private final Map<String, Long> steps = new LinkedHashMap<>();

  /** Takes the first-stage init's record over. What is not a step in it is left out. */
  public BootSteps(String record) {
    steps.put("kernel", 0L);
    for (String step : record.split(",", -1)) {
      int equals = step.indexOf('=');
      if (equals > 0 && step.substring(equals + 1).matches("\\d{1,12}")) {
        steps.put(step.substring(0, equals), Long.valueOf(step.substring(equals + 1)));
      }
    }
  }

  public void reached(String name, long bootMillis) {
    synchronized (steps) {
      steps.put(name, bootMillis);
    }
  }

  /** In the order of the boot. */
  Map<String, Long> all() {
    synchronized (steps) {
      return new LinkedHashMap<>(steps);
    }
  }
}
