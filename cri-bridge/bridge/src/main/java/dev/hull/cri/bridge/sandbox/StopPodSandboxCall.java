package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxResponse;
import java.time.Duration;

/**
 * Ends the machine and with it every container, by force: CRI's callers stop containers first when
 * they want them asked. OK if the sandbox has stopped, or is not there.
 */
public final class StopPodSandboxCall
    implements Call<StopPodSandboxRequest, StopPodSandboxResponse> {
  private final Pods pods;

  public StopPodSandboxCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public StopPodSandboxResponse answer(StopPodSandboxRequest request) {
    pods.findSandbox(request.getPodSandboxId()).ifPresent(this::stop);
    return StopPodSandboxResponse.getDefaultInstance();
  }

  private void stop(Sandbox sandbox) {
    if (sandbox.runs()) {
      pods.containersOf(sandbox).forEach(Container::kill);
    }
    // Also when it has stopped: what could not be released then is tried again.
    sandbox.machine().stop(Duration.ZERO);
    pods.stopped(sandbox);
  }
}
