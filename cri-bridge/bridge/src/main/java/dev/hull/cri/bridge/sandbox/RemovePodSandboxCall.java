package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RemovePodSandboxResponse;
import java.time.Duration;
import java.util.concurrent.locks.Lock;

/** Stops the machine if it runs, and forgets it and its containers. OK if it is not there. */
public final class RemovePodSandboxCall
    implements Call<RemovePodSandboxRequest, RemovePodSandboxResponse> {
  private final Pods pods;

  public RemovePodSandboxCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public RemovePodSandboxResponse answer(RemovePodSandboxRequest request) {
    pods.findSandbox(request.getPodSandboxId()).ifPresent(this::remove);
    return RemovePodSandboxResponse.getDefaultInstance();
  }

  private void remove(Sandbox sandbox) {
    Lock alone = sandbox.membership().writeLock();
    alone.lock();
    try {
      sandbox.machine().stop(Duration.ZERO);
      pods.stopped(sandbox);
      pods.containersOf(sandbox).forEach(pods::remove);
      sandbox.machine().remove();
      pods.forget(sandbox);
    } finally {
      alone.unlock();
    }
  }
}
