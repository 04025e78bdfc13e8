package dev.hull.cri.bridge.image;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.RemoveImageRequest;
import dev.hull.cri.v1.RemoveImageResponse;
import dev.hull.images.Images;

/** Removes an image with all its names, whichever it is called by. OK if it is not here. */
public final class RemoveImageCall implements Call<RemoveImageRequest, RemoveImageResponse> {
  private final Images images;

  public RemoveImageCall(Images images) {
    this.images = images;
  }

  @Override
  public RemoveImageResponse answer(RemoveImageRequest request) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw Refusal.invalid("image.image must not be empty");
    }
    images.find(name).ifPresent(image -> images.remove(image.id().value()));
    return RemoveImageResponse.getDefaultInstance();
  }
}
