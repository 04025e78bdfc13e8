package dev.hull.cri.bridge.resources;

import dev.hull.cri.bridge.call.Refusal;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * CRI's {@code unified}: files of cgroup v2 and what is written into them. A kubelet sends {@code
 * memory.oom.group}, and with MemoryQoS {@code memory.min} and {@code memory.high}.
 */
final class UnifiedLimits {
  private static final int MAX_CPU_WEIGHT = 10_000;

  /** What fits into the kernel's counters with room to spare. */
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private static final Pattern CPU_MAX =
      Pattern.compile("(?:max|[1-9][0-9]{3,17})(?: [1-9][0-9]{3,6})?");

  private static final Form AMOUNT =
      new Form("a number or max", value -> value.equals("max") || NUMBER.matcher(value).matches());

  private static final Map<String, Form> KNOWN =
      Map.of(
          "cpu.max", new Form("\"QUOTA PERIOD\" in microseconds", UnifiedLimits::isCpuMax),
          "cpu.weight", new Form("a number from 1 to 10000", UnifiedLimits::isCpuWeight),
          "memory.high", AMOUNT,
          "memory.low", AMOUNT,
          "memory.max", AMOUNT,
          "memory.min", AMOUNT,
          "memory.oom.group", new Form("0 or 1", value -> value.equals("0") || value.equals("1")),
          "memory.swap.max", AMOUNT,
          "pids.max", new Form("a positive number or max", UnifiedLimits::isPids));

  private UnifiedLimits() {}

  private record Form(String words, Predicate<String> matches) {}

  /** Without memory.swap.max: the guest has no swap, so any limit of it holds. */
  static Map<String, String> of(String field, Map<String, String> asked) {
    Map<String, String> limits = new TreeMap<>();
    for (Map.Entry<String, String> entry : asked.entrySet()) {
      String file = entry.getKey();
      String value = entry.getValue().strip();
      Form form = KNOWN.get(file);
      if (form == null) {
        throw Refusal.field(
            field,
            "%s is not supported (only %s); leave it out"
                .formatted(file, String.join(", ", new TreeSet<>(KNOWN.keySet()))));
      }
      if (!form.matches().test(value)) {
        throw Refusal.invalid(
            "%s: %s must be %s: %s".formatted(field, file, form.words(), entry.getValue()));
      }
      limits.put(file, value);
    }
    limits.remove("memory.swap.max");
    return limits;
  }

  private static boolean isCpuMax(String value) {
    return CPU_MAX.matcher(value).matches();
  }

  private static boolean isCpuWeight(String value) {
    return NUMBER.matcher(value).matches()
        && Long.parseLong(value) >= 1
        && Long.parseLong(value) <= MAX_CPU_WEIGHT;
  }

  private static boolean isPids(String value) {
    return value.equals("max") || (NUMBER.matcher(value).matches() && Long.parseLong(value) > 0);
  }
}
