package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.cri.v1.StopContainerResponse;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import java.time.Duration;

/**
 * Asks with the container's stop signal, waits for the caller's timeout, then kills. OK if it does
 * not run, or is not there. A timeout of 0 kills at once.
 */
public final class StopContainerCall implements Call<StopContainerRequest, StopContainerResponse> {
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration DEATH = Duration.ofSeconds(10);

  private final Pods pods;

  public StopContainerCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public StopContainerResponse answer(StopContainerRequest request) {
    pods.findContainer(request.getContainerId())
        .ifPresent(container -> stop(container, timeout(request.getTimeout())));
    return StopContainerResponse.getDefaultInstance();
  }

  private static Duration timeout(long seconds) {
    return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST.toSeconds()));
  }

  private static void stop(Container container, Duration timeout) {
    GuestContainer guest = container.guest();
    if (guest.state() instanceof State.Created) {
      return;
    }
    if (guest.state() instanceof State.Running && !ask(container, timeout)) {
      guest.signal(Signals.SIGKILL, true);
      var _ = guest.await(DEATH);
    }
    container.settle();
  }

  /** True if it has exited within the timeout. */
  private static boolean ask(Container container, Duration timeout) {
    if (timeout.isZero()) {
      return false;
    }
    container.guest().signal(container.facts().stopSignal(), false);
    try {
      var _ = container.guest().await(timeout);
      return true;
    } catch (MachineException e) {
      if (e.kind() == MachineException.Kind.DEADLINE) {
        return false;
      }
      throw e;
    }
  }
}
