package dev.hull.vm.template;

import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.SizeRange;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Which of the templates that there are comes nearest to a machine. Pure. */
final class Fitting {
  private Fitting() {}

  /**
   * Those that reach {@code wanted}: first what gives the least beyond it and has to grow least.
   */
  static List<SizeRange> inOrder(Collection<SizeRange> all, MachineSize wanted) {
    return all.stream()
        .filter(range -> range.reaches(wanted))
        .sorted(
            Comparator.comparingInt((SizeRange range) -> range.atLeast(wanted).memoryMib())
                .thenComparingInt(range -> range.atLeast(wanted).vcpus())
                .thenComparingInt(range -> -range.least().memoryMib())
                .thenComparingInt(range -> -range.least().vcpus()))
        .toList();
  }
}
