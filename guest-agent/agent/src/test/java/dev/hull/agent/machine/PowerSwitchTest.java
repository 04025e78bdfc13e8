package dev.hull.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PowerSwitchTest {
  private final FakeKernel kernel = new FakeKernel();

  @Test
  void endsContainersThenSyncsThenSwitchesOffOnce() {
    PowerSwitch power =
        new PowerSwitch(grace -> kernel.calls.add("stop " + grace), kernel.linux().power());

    power.press(Duration.ofSeconds(3));
    power.press(Duration.ofSeconds(3));

    assertThat(kernel.calls).containsExactly("stop PT3S", "sync", "power off");
  }

  @Test
  void switchesOffEvenIfContainersCannotBeEnded() {
    PowerSwitch power =
        new PowerSwitch(
            grace -> {
              throw new IllegalStateException("stuck");
            },
            kernel.linux().power());

    assertThatThrownBy(() -> power.press(Duration.ZERO)).hasMessage("stuck");

    assertThat(kernel.calls).containsExactly("sync", "power off");
  }
}
