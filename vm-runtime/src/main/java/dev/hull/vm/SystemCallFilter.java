package dev.hull.vm;

import java.util.Arrays;

/**
 * Which system calls a container's processes may make: a seccomp filter as the kernel takes it, an
 * array of {@code struct sock_filter} (seccomp(2)), in the guest's byte order. An empty one filters
 * nothing.
 */
public final class SystemCallFilter {
  public static final SystemCallFilter NONE = new SystemCallFilter(new byte[0]);

  private static final int INSTRUCTION_BYTES = 8;
  private static final int MAX_INSTRUCTIONS = 4096;

  private final byte[] program;

  /**
   * @throws IllegalArgumentException if it is no array of instructions, or has more than the
   *     kernel's bound of 4096
   */
  public SystemCallFilter(byte[] program) {
    if (program.length % INSTRUCTION_BYTES != 0
        || program.length / INSTRUCTION_BYTES > MAX_INSTRUCTIONS) {
      throw new IllegalArgumentException(
          "a filter of system calls has at most %d instructions of %d bytes, not %d bytes in all"
              .formatted(MAX_INSTRUCTIONS, INSTRUCTION_BYTES, program.length));
    }
    this.program = program.clone();
  }

  public byte[] program() {
    return program.clone();
  }

  public boolean isEmpty() {
    return program.length == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SystemCallFilter filter && Arrays.equals(program, filter.program);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(program);
  }

  @Override
  public String toString() {
    return "SystemCallFilter[" + program.length / INSTRUCTION_BYTES + " instructions]";
  }
}
