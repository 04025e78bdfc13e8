package dev.hull.cri.bridge.image;

import com.google.gson.Gson;
import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.ImageStatusResponse;
import dev.hull.images.Image;
import dev.hull.images.Images;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An image, or an answer without one. Verbose, {@code info["hull"]} is JSON: what the image's
 * config says about running it, its layers' diff ids, and, while it is pulled, {@code pull} with
 * {@code doneBytes} and {@code totalBytes}; the latter also of an image that is not here yet.
 */
public final class ImageStatusCall implements Call<ImageStatusRequest, ImageStatusResponse> {
  private final Images images;
  private final Transfers transfers;

  public ImageStatusCall(Images images, Transfers transfers) {
    this.images = images;
    this.transfers = transfers;
  }

  @Override
  public ImageStatusResponse answer(ImageStatusRequest request) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw Refusal.invalid("image.image must not be empty");
    }
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    Optional<Image> found = images.find(name);
    found.ifPresent(image -> response.setImage(ImageViews.image(image)));
    if (request.getVerbose()) {
      Map<String, Object> info = new LinkedHashMap<>();
      found.ifPresent(image -> describe(image, info));
      transfers.amount(name).ifPresent(amount -> info.put("pull", amount));
      if (!info.isEmpty()) {
        response.putInfo("hull", new Gson().toJson(info));
      }
    }
    return response.build();
  }

  private static void describe(Image image, Map<String, Object> info) {
    Image.Config config = image.config();
    info.put("user", config.user());
    info.put("env", config.env());
    info.put("entrypoint", config.entrypoint());
    info.put("cmd", config.cmd());
    info.put("workingDir", config.workingDir());
    config.stopSignal().ifPresent(signal -> info.put("stopSignal", signal));
    info.put("volumes", config.volumes());
    info.put("exposedPorts", config.exposedPorts());
    info.put("labels", config.labels());
    info.put("layers", image.layers().stream().map(layer -> layer.diffId().value()).toList());
  }
}
