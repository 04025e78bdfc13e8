package dev.hull.vm.guest;

import java.time.Duration;
import java.util.List;

/** What a guest says of itself; checked for size, not for truth. */
public record GuestDescription(
    String agentVersion,
    String kernelRelease,
    long memoryTotalBytes,
    long memoryAvailableBytes,
    List<BootStep> bootSteps) {
  public GuestDescription {
    bootSteps = List.copyOf(bootSteps);
  }

  /** A step of the boot and when it was reached, by the guest's clock since its boot. */
  public record BootStep(String name, Duration at) {}
}
