package dev.hull.vm;

/** What a machine has: virtual CPUs (1 to 255) and memory in MiB (at least 128). */
public record MachineSize(int vcpus, int memoryMib) {
  public MachineSize {
    if (vcpus < 1 || vcpus > 255) {
      throw new IllegalArgumentException("vcpus must be 1 to 255: " + vcpus);
    }
    if (memoryMib < 128) {
      throw new IllegalArgumentException("memoryMib must be at least 128: " + memoryMib);
    }
  }

  /** Whether it has at least as much of both. */
  public boolean covers(MachineSize other) {
    return vcpus >= other.vcpus && memoryMib >= other.memoryMib;
  }

  /** The larger of each. */
  public MachineSize union(MachineSize other) {
    return new MachineSize(Math.max(vcpus, other.vcpus), Math.max(memoryMib, other.memoryMib));
  }
}
