package dev.hull.cri.bridge.resources;

/**
 * What a machine gets where its pod says nothing.
 *
 * @param vcpus for a pod without a CPU limit
 * @param memoryMib for a pod without a memory limit; all in, nothing is added
 * @param overheadMib added to a pod's memory limit for kernel and agent, unless the pod's
 *     RuntimeClass says its own overhead
 * @param scratchBytes the containers' writable layers; a sparse file
 * @param hostCpus no machine gets more than the host has
 */
public record SandboxDefaults(
    int vcpus, int memoryMib, int overheadMib, long scratchBytes, int hostCpus) {
  public SandboxDefaults {
    if (vcpus < 1 || memoryMib < 128 || overheadMib < 0 || scratchBytes < 1 || hostCpus < 1) {
      throw new IllegalArgumentException(
          ("a machine's defaults must be at least 1 vcpu, 128 MiB of memory, 0 MiB of overhead and"
                  + " 1 byte of scratch disk: %d, %d, %d, %d")
              .formatted(vcpus, memoryMib, overheadMib, scratchBytes));
    }
  }
}
