package dev.hull.cri.bridge.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.ContainerEventResponse;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SubscriptionTest {
  private final AtomicInteger unsubscribed = new AtomicInteger();
  private final Subscription subscription = new Subscription(unsubscribed::incrementAndGet);

  private static ContainerEventResponse event(int number) {
    return ContainerEventResponse.newBuilder().setCreatedAt(number).build();
  }

  @Test
  void eventsComeInOrder() throws Exception {
    for (int i = 0; i < Subscription.MOST_WAITING; i++) {
      subscription.tell(event(i));
    }
    for (int i = 0; i < Subscription.MOST_WAITING; i++) {
      assertThat(subscription.next(() -> true)).isEqualTo(event(i));
    }
  }

  @Test
  void nothingIsTakenBeforeItCanBeSentOn() throws Exception {
    AtomicBoolean ready = new AtomicBoolean();
    subscription.tell(event(1));
    Thread later =
        Thread.startVirtualThread(
            () -> {
              ready.set(true);
              subscription.wake();
            });
    assertThat(subscription.next(ready::get)).isEqualTo(event(1));
    assertThat(ready).isTrue();
    later.join();
  }

  @Test
  void whoFallsTooFarBehindIsToldSoAndGetsNoGap() {
    for (int i = 0; i <= Subscription.MOST_WAITING; i++) {
      subscription.tell(event(i));
    }
    // Also one that takes nothing hears of it.
    assertThatThrownBy(() -> subscription.next(() -> false))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .hasMessage("1000 events were not taken in time; subscribe again, and list what there is");
    subscription.tell(event(7));
    assertThatThrownBy(() -> subscription.next(() -> true)).isInstanceOf(Refusal.class);
  }

  @Test
  void closingEndsItForGood() throws Exception {
    subscription.tell(event(1));
    subscription.close();
    assertThat(subscription.next(() -> true)).isNull();
    assertThat(unsubscribed).hasValue(1);
  }
}
