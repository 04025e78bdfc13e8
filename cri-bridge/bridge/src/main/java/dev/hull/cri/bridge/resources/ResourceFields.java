package dev.hull.cri.bridge.resources;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerResources;
import java.util.regex.Pattern;

/**
 * Refuses limits that a machine does not have. Accepted without effect: swap limits, for the guest
 * has no swap, and sets of CPUs and of memory nodes, for they are the host's, and a machine has its
 * own (a kubelet with a static CPU manager gives them to every container).
 */
public final class ResourceFields {
  /** cpuset(7), "List Format". */
  private static final Pattern LIST = Pattern.compile("(?:\\d{1,5}(?:-\\d{1,5})?(?:,|$))*");

  private ResourceFields() {}

  /**
   * Throws a refusal that names the field.
   *
   * @param at the path of these resources, with a dot at its end
   */
  public static void check(String at, LinuxContainerResources resources) {
    if (resources.getCpuShares() < 0
        || resources.getCpuPeriod() < 0
        || resources.getCpuQuota() < -1
        || resources.getMemoryLimitInBytes() < 0) {
      throw Refusal.invalid(
          at.substring(0, at.length() - 1)
              + " must not have negative limits (only cpu_quota may be -1)");
    }
    list(at + "cpuset_cpus", resources.getCpusetCpus());
    list(at + "cpuset_mems", resources.getCpusetMems());
    if (resources.getHugepageLimitsList().stream().anyMatch(limit -> limit.getLimit() > 0)) {
      throw Refusal.field(
          at + "hugepage_limits", "the guest has no huge pages to give; ask for none");
    }
  }

  private static void list(String field, String list) {
    if (!LIST.matcher(list).matches()) {
      throw Refusal.invalid(field + " must be a list as in 0-3,7: " + list);
    }
  }
}
