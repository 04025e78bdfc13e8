package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineSize;

/**
 * The sizes that a domain can have: it starts with the least and grows up to the most, vCPU by vCPU
 * and {@value #STEP_MIB} MiB by {@value #STEP_MIB} MiB, and never back.
 */
public record SizeRange(MachineSize least, MachineSize most) {
  /**
   * x86-64's Linux takes memory in by blocks of this size, unless it started with 64 GiB or more
   * (Documentation/admin-guide/mm/memory-hotplug.rst, {@code block_size_bytes}).
   */
  public static final int STEP_MIB = 128;

  /**
   * How many times what it started with a guest can have at most. The kernel describes each page in
   * 64 bytes, and takes these from the memory that it has: 15/64 of it for the rest. For each vCPU
   * that may come it sets a quarter of a MiB aside when it boots.
   */
  private static final int FACTOR = 16;

  public SizeRange {
    if (!most.covers(least)) {
      throw new IllegalArgumentException("the most is less than the least: " + most);
    }
    if ((most.memoryMib() - least.memoryMib()) % STEP_MIB != 0) {
      throw new IllegalArgumentException(
          "memory grows by steps of %d MiB; from %d MiB it does not come to %d MiB"
              .formatted(STEP_MIB, least.memoryMib(), most.memoryMib()));
    }
  }

  /** A domain that does not grow. */
  public static SizeRange only(MachineSize size) {
    return new SizeRange(size, size);
  }

  /**
   * What a domain of this size can become on a host that has so much. It is as large as asked for,
   * even if that is more than the host has.
   */
  public static SizeRange from(MachineSize size, MachineSize host) {
    int vcpus = Math.min(size.vcpus() * FACTOR, host.vcpus());
    long memoryMib = Math.min((long) size.memoryMib() * FACTOR, host.memoryMib());
    int more = (int) Math.max(0, memoryMib - size.memoryMib()) / STEP_MIB * STEP_MIB;
    return new SizeRange(
        size, new MachineSize(Math.max(size.vcpus(), vcpus), size.memoryMib() + more));
  }

  /** Whether a domain of this range can have at least so much. */
  public boolean reaches(MachineSize wanted) {
    return most.covers(wanted);
  }

  /**
   * The least size of this range that is at least {@code wanted}.
   *
   * @throws IllegalArgumentException if it does not reach that
   */
  public MachineSize atLeast(MachineSize wanted) {
    if (!reaches(wanted)) {
      throw new IllegalArgumentException(wanted + " is more than " + most);
    }
    int more = Math.max(0, wanted.memoryMib() - least.memoryMib());
    return new MachineSize(
        Math.max(least.vcpus(), wanted.vcpus()),
        least.memoryMib() + Math.ceilDiv(more, STEP_MIB) * STEP_MIB);
  }
}
