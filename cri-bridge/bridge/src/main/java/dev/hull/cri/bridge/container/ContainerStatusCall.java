package dev.hull.cri.bridge.container;

import com.google.gson.JsonObject;
import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ContainerStatusResponse;
import dev.hull.vm.GuestContainer.State;

/**
 * A container. Verbose, {@code info["hull"]} is JSON: {@code sandboxId}, {@code createMillis} and
 * {@code startMillis} (not after a restart of the daemon), and {@code guestPid} while it runs.
 */
public final class ContainerStatusCall
    implements Call<ContainerStatusRequest, ContainerStatusResponse> {
  private final Pods pods;

  public ContainerStatusCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ContainerStatusResponse answer(ContainerStatusRequest request) {
    Container container = pods.container(request.getContainerId());
    ContainerStatusResponse.Builder response =
        ContainerStatusResponse.newBuilder().setStatus(ContainerViews.status(container));
    if (request.getVerbose()) {
      response.putInfo("hull", info(container).toString());
    }
    return response.build();
  }

  private static JsonObject info(Container container) {
    JsonObject info = new JsonObject();
    info.addProperty("sandboxId", container.sandbox().id());
    container
        .timing()
        .create()
        .ifPresent(took -> info.addProperty("createMillis", took.toMillis()));
    container.timing().start().ifPresent(took -> info.addProperty("startMillis", took.toMillis()));
    if (container.state() instanceof State.Running running) {
      info.addProperty("guestPid", running.guestPid());
    }
    return info;
  }
}
