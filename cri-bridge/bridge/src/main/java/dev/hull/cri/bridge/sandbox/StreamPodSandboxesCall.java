package dev.hull.cri.bridge.sandbox;

import com.google.common.collect.Lists;
import dev.hull.cri.bridge.call.StreamingCall;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.StreamPodSandboxesRequest;
import dev.hull.cri.v1.StreamPodSandboxesResponse;
import java.util.List;
import java.util.function.Consumer;

/** As {@link ListPodSandboxCall}, in several messages, so that no number is too many. */
public final class StreamPodSandboxesCall
    implements StreamingCall<StreamPodSandboxesRequest, StreamPodSandboxesResponse> {
  private final Pods pods;

  public StreamPodSandboxesCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public void answer(
      StreamPodSandboxesRequest request, Consumer<StreamPodSandboxesResponse> responses) {
    for (List<PodSandbox> part :
        Lists.partition(ListPodSandboxCall.list(pods, request.getFilter()), ITEMS_PER_MESSAGE)) {
      responses.accept(StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(part).build());
    }
  }
}
