package dev.hull.cri.bridge.image;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.FilesystemIdentifier;
import dev.hull.cri.v1.FilesystemUsage;
import dev.hull.cri.v1.ImageFsInfoRequest;
import dev.hull.cri.v1.ImageFsInfoResponse;
import dev.hull.cri.v1.UInt64Value;
import dev.hull.images.Images;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What the image store takes. Containers' writable layers are on the same file system, so it is
 * given for both (a kubelet wants both).
 */
public final class ImageFsInfoCall implements Call<ImageFsInfoRequest, ImageFsInfoResponse> {
  private final Images images;
  private final Clock clock;

  public ImageFsInfoCall(Images images, Clock clock) {
    this.images = images;
    this.clock = clock;
  }

  @Override
  public ImageFsInfoResponse answer(ImageFsInfoRequest request) {
    Images.Usage usage = images.usage();
    FilesystemUsage view =
        FilesystemUsage.newBuilder()
            .setTimestamp(ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant()))
            .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(usage.folder().toString()))
            .setUsedBytes(UInt64Value.newBuilder().setValue(usage.bytes()))
            .setInodesUsed(UInt64Value.newBuilder().setValue(usage.inodes()))
            .build();
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(view)
        .addContainerFilesystems(view)
        .build();
  }
}
