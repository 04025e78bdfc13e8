package dev.hull.vm.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.SizeRange;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FittingTest {
  private static final MachineSize HOST = new MachineSize(4, 4096);
  private static final SizeRange SMALL = SizeRange.from(new MachineSize(1, 256), HOST);
  private static final SizeRange USUAL = SizeRange.from(new MachineSize(2, 512), HOST);
  private static final SizeRange LARGE = SizeRange.from(new MachineSize(2, 2048), HOST);
  private static final List<SizeRange> ALL = List.of(LARGE, SMALL, USUAL);

  @Test
  void whatHasToGrowLeastComesFirst() {
    assertThat(Fitting.inOrder(ALL, new MachineSize(2, 768))).containsExactly(USUAL, SMALL, LARGE);
  }

  @Test
  void whatIsLeastTooLargeComesFirst() {
    assertThat(Fitting.inOrder(ALL, new MachineSize(1, 200))).containsExactly(SMALL, USUAL, LARGE);
  }

  @Test
  void whatDoesNotReachItIsLeftOut() {
    assertThat(Fitting.inOrder(ALL, new MachineSize(5, 512))).isEmpty();
    assertThat(Fitting.inOrder(ALL, new MachineSize(1, 5000))).isEmpty();
  }
}
