package dev.hull.cri.bridge.seccomp;

import dev.hull.vm.SystemCallFilter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs filters as the kernel does (linux/filter.h), so that tests say what becomes of a call and
 * not what the program looks like.
 */
record FilterMachine(SystemCallFilter filter) {
  static final int ALLOW = 0x7fff_0000;
  static final int KILL = 0;
  static final int EPERM = 0x0005_0001;
  static final int ENOSYS = 0x0005_0026;

  /** What becomes of a call of a program for x86-64. */
  int call(int number, long... arguments) {
    return run(0xC000_003E, number, arguments);
  }

  int run(int architecture, int number, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(number).putInt(architecture).putLong(0);
    for (long argument : arguments) {
      data.putLong(argument);
    }
    ByteBuffer program = ByteBuffer.wrap(filter.program()).order(ByteOrder.LITTLE_ENDIAN);
    int accumulator = 0;
    int at = 0;
    while (true) {
      int code = program.getShort(at * 8);
      int ifTrue = program.get(at * 8 + 2) & 0xff;
      int ifFalse = program.get(at * 8 + 3) & 0xff;
      int value = program.getInt(at * 8 + 4);
      at++;
      switch (code) {
        case 0x20 -> accumulator = data.getInt(value);
        case 0x54 -> accumulator &= value;
        case 0x05 -> at += value;
        case 0x15 -> at += accumulator == value ? ifTrue : ifFalse;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, value) > 0 ? ifTrue : ifFalse;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, value) >= 0 ? ifTrue : ifFalse;
        case 0x06 -> {
          return value;
        }
        default -> throw new AssertionError("an instruction of an unknown kind: " + code);
      }
    }
  }
}
