package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.session.StreamUrls;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Wanted;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.ExecResponse;
import dev.hull.vm.GuestContainer.State;

/** A URL at which a command can be run in a container; it begins when a client is there. */
public final class ExecCall implements Call<ExecRequest, ExecResponse> {
  private final Pods pods;
  private final StreamUrls urls;

  public ExecCall(Pods pods, StreamUrls urls) {
    this.pods = pods;
    this.urls = urls;
  }

  @Override
  public ExecResponse answer(ExecRequest request) {
    Wanted wanted =
        Wanted.of(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    if (request.getCmdCount() == 0) {
      throw Refusal.invalid("cmd must not be empty");
    }
    Container container = pods.container(request.getContainerId());
    if (!(container.guest().state() instanceof State.Running)) {
      throw Refusal.state(
          "cannot run a command in the container %s: it does not run".formatted(container.id()));
    }
    return ExecResponse.newBuilder()
        .setUrl(urls.issue(new Ticket.Exec(container, request.getCmdList(), wanted)))
        .build();
  }
}
