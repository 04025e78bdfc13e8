package dev.hull.vm.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineSize;
import org.junit.jupiter.api.Test;

final class SizeRangeTest {
  private static final MachineSize USUAL = new MachineSize(2, 500);

  @Test
  void aRangeThatGoesDownOrMissesAStepIsRefused() {
    assertThatThrownBy(() -> new SizeRange(USUAL, new MachineSize(1, 500)))
        .hasMessageContaining("the most is less than the least");
    assertThatThrownBy(() -> new SizeRange(USUAL, new MachineSize(2, 600)))
        .hasMessage("memory grows by steps of 128 MiB; from 500 MiB it does not come to 600 MiB");
  }

  @Test
  void aMachineGrowsToWhatTheHostHas() {
    assertThat(SizeRange.from(USUAL, new MachineSize(8, 1024)).most())
        .isEqualTo(new MachineSize(8, 1012));
  }

  @Test
  void aMachineGrowsToSixteenTimesWhatItStartedWith() {
    assertThat(SizeRange.from(USUAL, new MachineSize(128, 1 << 20)).most())
        .isEqualTo(new MachineSize(32, 500 + 58 * 128));
  }

  @Test
  void aMachineThatIsLargerThanTheHostDoesNotGrow() {
    assertThat(SizeRange.from(USUAL, new MachineSize(1, 256))).isEqualTo(SizeRange.only(USUAL));
  }

  @Test
  void memoryComesInSteps() {
    SizeRange range = SizeRange.from(USUAL, new MachineSize(4, 1024));
    assertThat(range.atLeast(new MachineSize(1, 128))).isEqualTo(USUAL);
    assertThat(range.atLeast(new MachineSize(3, 500))).isEqualTo(new MachineSize(3, 500));
    assertThat(range.atLeast(new MachineSize(1, 501))).isEqualTo(new MachineSize(2, 628));
    assertThat(range.atLeast(new MachineSize(1, 628))).isEqualTo(new MachineSize(2, 628));
    assertThatThrownBy(() -> range.atLeast(new MachineSize(5, 500)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
