package dev.hull.cri.bridge.service;

import dev.hull.cri.bridge.image.ImageFsInfoCall;
import dev.hull.cri.bridge.image.ImageStatusCall;
import dev.hull.cri.bridge.image.ListImagesCall;
import dev.hull.cri.bridge.image.PullImageCall;
import dev.hull.cri.bridge.image.RemoveImageCall;
import dev.hull.cri.bridge.image.StreamImagesCall;
import dev.hull.cri.v1.ImageFsInfoRequest;
import dev.hull.cri.v1.ImageFsInfoResponse;
import dev.hull.cri.v1.ImageServiceGrpc;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.ImageStatusResponse;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.ListImagesResponse;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.PullImageResponse;
import dev.hull.cri.v1.RemoveImageRequest;
import dev.hull.cri.v1.RemoveImageResponse;
import dev.hull.cri.v1.StreamImagesRequest;
import dev.hull.cri.v1.StreamImagesResponse;
import io.grpc.stub.StreamObserver;

/** The ImageService: every method by a call of its own. */
public final class ImageEndpoint extends ImageServiceGrpc.ImageServiceImplBase {
  private final ImageCalls image;

  public ImageEndpoint(ImageCalls image) {
    this.image = image;
  }

  /** What answers, about images. */
  public record ImageCalls(
      ListImagesCall listImages,
      StreamImagesCall streamImages,
      ImageStatusCall imageStatus,
      PullImageCall pullImage,
      RemoveImageCall removeImage,
      ImageFsInfoCall imageFsInfo) {}

  @Override
  public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
    Answers.unary(image.listImages(), request, observer);
  }

  @Override
  public void streamImages(
      StreamImagesRequest request, StreamObserver<StreamImagesResponse> observer) {
    Answers.streaming(image.streamImages(), request, observer);
  }

  @Override
  public void imageStatus(
      ImageStatusRequest request, StreamObserver<ImageStatusResponse> observer) {
    Answers.unary(image.imageStatus(), request, observer);
  }

  @Override
  public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
    Answers.unary(image.pullImage(), request, observer);
  }

  @Override
  public void removeImage(
      RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
    Answers.unary(image.removeImage(), request, observer);
  }

  @Override
  public void imageFsInfo(
      ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> observer) {
    Answers.unary(image.imageFsInfo(), request, observer);
  }
}
