package dev.hull.tests.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.host.Bench.Step;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.TestPod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the daemon tells of a pod's machine besides its CRI status.
 *
 * @param steps of RunPodSandbox, since it began
 */
record SandboxInfo(int vcpus, int memoryMib, List<Step> steps) {
  /** A step that only copies of a template have. */
  private static final String OF_COPIES = "restore";

  /** Steps of machines that did not stand by. */
  private static final Set<String> MADE = Set.of(OF_COPIES, "domain");

  SandboxInfo {
    steps = List.copyOf(steps);
  }

  static SandboxInfo of(TestPod pod) {
    JsonObject info = JsonParser.parseString(pod.timeline()).getAsJsonObject();
    List<Step> steps = new ArrayList<>();
    for (JsonElement element : info.getAsJsonArray("timeline")) {
      JsonObject step = element.getAsJsonObject();
      steps.add(
          new Step(
              step.get("name").getAsString(),
              Duration.ofMillis(step.get("beganMillis").getAsLong()),
              Duration.ofMillis(step.get("tookMillis").getAsLong())));
    }
    JsonObject machine = info.getAsJsonObject("machine");
    return new SandboxInfo(
        machine.get("vcpus").getAsInt(), machine.get("memoryMib").getAsInt(), steps);
  }

  /** Else what is measured as a copy would be a boot: a daemon that cannot copy boots instead. */
  void requireCopy() throws HostException {
    if (steps.stream().noneMatch(step -> step.name().equals(OF_COPIES))) {
      throw new HostException(
          "a pod's machine has booted and is no copy of the template, so there is nothing to"
              + " measure; the daemon's log says why");
    }
  }

  /** Else a machine was made for the pod, by a copy or by a boot. */
  void requireSpare() throws HostException {
    if (steps.stream().anyMatch(step -> MADE.contains(step.name()))) {
      throw new HostException(
          "a pod's machine was made for it although one stood by, so there is nothing to measure;"
              + " the daemon's log says why");
    }
  }
}
