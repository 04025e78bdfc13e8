package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

final class ServiceNotificationTest {
  @Test
  void aManagerThatIsNotThereDisturbsNobody() {
    for (String socket : new String[] {"", "relative", "/nowhere/notify", "@hull-test-nobody"}) {
      assertThatCode(() -> new ServiceNotification(socket).send("READY=1"))
          .doesNotThrowAnyException();
    }
  }
}
