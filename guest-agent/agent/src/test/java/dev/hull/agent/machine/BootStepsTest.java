package dev.hull.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class BootStepsTest {
  @Test
  void keepsTheInitsRecordInOrderAndWhatComesAfter() {
    BootSteps steps = new BootSteps("init=800,jvm=1200");
    steps.reached("agent", 2500);

    assertThat(steps.all())
        .containsExactly(
            Map.entry("kernel", 0L),
            Map.entry("init", 800L),
            Map.entry("jvm", 1200L),
            Map.entry("agent", 2500L));
  }

  @Test
  void leavesOutWhatIsNoStep() {
    assertThat(new BootSteps("=1,x,y=,z=-1,w=9999999999999").all()).containsOnlyKeys("kernel");
    assertThat(new BootSteps("").all()).containsOnlyKeys("kernel");
  }
}
