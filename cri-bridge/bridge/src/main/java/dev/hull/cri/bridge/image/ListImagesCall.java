package dev.hull.cri.bridge.image;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.Image;
import dev.hull.cri.v1.ImageFilter;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.ListImagesResponse;
import dev.hull.images.Images;
import java.util.List;

/** All images, or the one that the filter names. */
public final class ListImagesCall implements Call<ListImagesRequest, ListImagesResponse> {
  private final Images images;

  public ListImagesCall(Images images) {
    this.images = images;
  }

  @Override
  public ListImagesResponse answer(ListImagesRequest request) {
    return ListImagesResponse.newBuilder().addAllImages(list(images, request.getFilter())).build();
  }

  static List<Image> list(Images images, ImageFilter filter) {
    String name = filter.getImage().getImage();
    return (name.isEmpty() ? images.list().stream() : images.find(name).stream())
        .map(ImageViews::image)
        .toList();
  }
}
