package dev.hull.cri.bridge.container;

import com.google.common.collect.Lists;
import dev.hull.cri.bridge.call.StreamingCall;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.StreamContainersRequest;
import dev.hull.cri.v1.StreamContainersResponse;
import java.util.List;
import java.util.function.Consumer;

/** As {@link ListContainersCall}, in several messages, so that no number is too many. */
public final class StreamContainersCall
    implements StreamingCall<StreamContainersRequest, StreamContainersResponse> {
  private final Pods pods;

  public StreamContainersCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public void answer(
      StreamContainersRequest request, Consumer<StreamContainersResponse> responses) {
    for (List<Container> part :
        Lists.partition(ListContainersCall.list(pods, request.getFilter()), ITEMS_PER_MESSAGE)) {
      responses.accept(StreamContainersResponse.newBuilder().addAllContainers(part).build());
    }
  }
}
