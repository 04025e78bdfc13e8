package dev.hull.images.layer;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks Linux where the holes of a file are. */
final class Holes {
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private Holes() {}

  /** Begin and end of each hole, without the virtual one at the end of the file. */
  static List<List<Long>> of(Path file) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle open =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    MethodHandle seek =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("lseek"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    MethodHandle close =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    int descriptor;
    try (Arena arena = Arena.ofConfined()) {
      descriptor = (int) open.invokeExact(arena.allocateFrom(file.toString()), 0);
    }
    if (descriptor < 0) {
      throw new AssertionError("cannot open " + file);
    }
    try {
      List<List<Long>> holes = new ArrayList<>();
      long data = 0;
      while (data >= 0) {
        long hole = (long) seek.invokeExact(descriptor, data, SEEK_HOLE);
        data = (long) seek.invokeExact(descriptor, hole, SEEK_DATA);
        if (data >= 0) {
          holes.add(List.of(hole, data));
        }
      }
      return holes;
    } finally {
      int closed = (int) close.invokeExact(descriptor);
      assert closed == 0;
    }
  }
}
