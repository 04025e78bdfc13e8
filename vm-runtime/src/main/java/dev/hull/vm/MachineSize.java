package dev.hull.vm;

/**
 * What a machine is given at its start: virtual CPUs (1 to 255) and memory in MiB (at least 128).
 */
public record MachineSize(int vcpus, int memoryMib) {
  public MachineSize {
    if (vcpus < 1 || vcpus > 255) {
      throw new IllegalArgumentException("vcpus must be 1 to 255: " + vcpus);
    }
    if (memoryMib < 128) {
      throw new IllegalArgumentException("memoryMib must be at least 128: " + memoryMib);
    }
  }
}
