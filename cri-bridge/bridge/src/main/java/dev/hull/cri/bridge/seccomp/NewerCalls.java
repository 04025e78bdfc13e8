package dev.hull.cri.bridge.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * The first instructions of a filter: system calls that are newer than all that the profile knows
 * of fail with ENOSYS, as on a kernel that has not got them. With the profile's own answer, mostly
 * EPERM, the C library would not fall back on what there was before.
 *
 * @param newest for each architecture the highest number that the profile knows
 */
record NewerCalls(Map<Integer, Integer> newest) {
  private static final int LOAD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_GREATER = 0x25;
  private static final int JUMP_IF_NOT_LESS = 0x35;
  private static final int RETURN = 0x06;
  private static final int CALL_OFFSET = 0;
  private static final int ARCHITECTURE_OFFSET = 4;

  /** Numbers from here on are x32's, or none (a tracer's -1). */
  private static final int X32_BIT = 0x4000_0000;

  private static final int FAIL_WITH_ENOSYS = 0x0005_0000 | 38;
  private static final int BLOCK = 6;
  private static final int INSTRUCTION_BYTES = 8;

  NewerCalls {
    newest = Map.copyOf(newest);
  }

  byte[] program() {
    ByteBuffer program =
        ByteBuffer.allocate(newest.size() * BLOCK * INSTRUCTION_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    newest.forEach(
        (architecture, highest) -> {
          // x32's programs say that they are of x86-64.
          if (architecture != LibSeccomp.X32 && highest >= 0) {
            add(program, LOAD, 0, 0, ARCHITECTURE_OFFSET);
            add(program, JUMP_IF_EQUAL, 0, 4, architecture);
            add(program, LOAD, 0, 0, CALL_OFFSET);
            add(program, JUMP_IF_NOT_LESS, 2, 0, X32_BIT);
            add(program, JUMP_IF_GREATER, 0, 1, highest);
            add(program, RETURN, 0, 0, FAIL_WITH_ENOSYS);
          }
        });
    byte[] bytes = new byte[program.position()];
    program.flip().get(bytes);
    return bytes;
  }

  private static void add(ByteBuffer program, int code, int ifTrue, int ifFalse, int value) {
    program.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(value);
  }
}
