package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Refusal;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Kernel parameters of a pod. Those that are of a namespace on a shared kernel can be set, as
 * Kubernetes has it; the agent keeps the same list, for this one says no before a machine starts.
 */
final class Sysctls {
  private static final String FIELD = "config.linux.sysctls";

  /** With dots or, as sysctl(8) takes it too, slashes. */
  private static final Pattern OF_A_POD =
      Pattern.compile(
          "kernel[./](shm[a-z_]*|msg[a-z_]*|sem)"
              + "|fs[./]mqueue[./][a-z_]+"
              + "|net([./][a-zA-Z0-9_-]+){2,}");

  private static final Pattern ONE_LINE = Pattern.compile("[ -~\\t]{0,1024}");

  private Sysctls() {}

  static void check(Map<String, String> sysctls) {
    sysctls.forEach(
        (name, value) -> {
          if (!OF_A_POD.matcher(name).matches()) {
            throw Refusal.field(
                FIELD,
                name.replaceAll("\\p{Cntrl}", "?")
                    + " is none that a pod can set; kernel.shm*, kernel.msg*, kernel.sem,"
                    + " fs.mqueue.* and net.* are");
          }
          if (!ONE_LINE.matcher(value).matches()) {
            throw Refusal.invalid(FIELD + ": the value of " + name + " must be one line of text");
          }
        });
  }
}
