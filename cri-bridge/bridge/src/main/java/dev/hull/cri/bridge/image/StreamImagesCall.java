package dev.hull.cri.bridge.image;

import com.google.common.collect.Lists;
import dev.hull.cri.bridge.call.StreamingCall;
import dev.hull.cri.v1.Image;
import dev.hull.cri.v1.StreamImagesRequest;
import dev.hull.cri.v1.StreamImagesResponse;
import dev.hull.images.Images;
import java.util.List;
import java.util.function.Consumer;

/** As {@link ListImagesCall}, in several messages, so that no number of images is too many. */
public final class StreamImagesCall
    implements StreamingCall<StreamImagesRequest, StreamImagesResponse> {
  private final Images images;

  public StreamImagesCall(Images images) {
    this.images = images;
  }

  @Override
  public void answer(StreamImagesRequest request, Consumer<StreamImagesResponse> responses) {
    for (List<Image> part :
        Lists.partition(ListImagesCall.list(images, request.getFilter()), ITEMS_PER_MESSAGE)) {
      responses.accept(StreamImagesResponse.newBuilder().addAllImages(part).build());
    }
  }
}
