package dev.hull.cri.bridge.resources;

import dev.hull.cri.v1.LinuxContainerResources;

/** Resources after an update: what is 0 or empty in it stays as it was. */
final class ResourceChange {
  private ResourceChange() {}

  static LinuxContainerResources of(
      LinuxContainerResources before, LinuxContainerResources update) {
    LinuxContainerResources.Builder after = before.toBuilder();
    // Protobuf's own rule for scalars; that for lists would add them up.
    after.clearHugepageLimits();
    return after
        .mergeFrom(update)
        .clearHugepageLimits()
        .addAllHugepageLimits(
            update.getHugepageLimitsCount() == 0
                ? before.getHugepageLimitsList()
                : update.getHugepageLimitsList())
        .build();
  }
}
