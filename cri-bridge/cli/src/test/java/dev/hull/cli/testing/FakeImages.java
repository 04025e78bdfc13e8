package dev.hull.cli.testing;

import dev.hull.cri.v1.Image;
import dev.hull.cri.v1.ImageServiceGrpc;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.ImageStatusResponse;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.ListImagesResponse;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.PullImageResponse;
import dev.hull.cri.v1.RemoveImageRequest;
import dev.hull.cri.v1.RemoveImageResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;

/** Images by name; the id of {@code nginx} is {@code sha256:nginx}. */
final class FakeImages extends ImageServiceGrpc.ImageServiceImplBase {
  final Map<String, Image> present = new ConcurrentSkipListMap<>();
  final Set<String> inRegistry = new ConcurrentSkipListSet<>();
  private final Calls calls;

  FakeImages(Calls calls) {
    this.calls = calls;
  }

  void add(String name) {
    present.put(
        name,
        Image.newBuilder().setId("sha256:" + name).addRepoTags(name).setSize(73_400_000).build());
  }

  @Override
  public void imageStatus(
      ImageStatusRequest request, StreamObserver<ImageStatusResponse> observer) {
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    Image image = present.get(request.getImage().getImage());
    if (image != null) {
      response.setImage(image);
    }
    calls.answer(observer, response.build());
  }

  @Override
  public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
    String name = request.getImage().getImage();
    boolean local = request.getImage().containsAnnotations("dev.hull.oci-layout");
    calls.note((local ? "LoadImage " : "PullImage ") + name);
    if (!local && !inRegistry.contains(name)) {
      observer.onError(
          Status.NOT_FOUND
              .withDescription("the image " + name + " does not exist in its registry")
              .asRuntimeException());
      return;
    }
    add(name);
    calls.answer(observer, PullImageResponse.newBuilder().setImageRef("sha256:" + name).build());
  }

  @Override
  public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
    calls.answer(observer, ListImagesResponse.newBuilder().addAllImages(present.values()).build());
  }

  @Override
  public void removeImage(
      RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
    calls.note("RemoveImage " + request.getImage().getImage());
    present.remove(request.getImage().getImage());
    calls.answer(observer, RemoveImageResponse.getDefaultInstance());
  }
}
