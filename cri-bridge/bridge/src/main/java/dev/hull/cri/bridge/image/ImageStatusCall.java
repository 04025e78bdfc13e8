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

/**
 * An image, or an answer without one. Verbose, {@code info["hull"]} is JSON: what the image's
 * config says about running it, and its layers' diff ids.
 */
public final class ImageStatusCall implements Call<ImageStatusRequest, ImageStatusResponse> {
  private final Images images;

  public ImageStatusCall(Images images) {
    this.images = images;
  }

  @Override
  public ImageStatusResponse answer(ImageStatusRequest request) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw Refusal.invalid("image.image must not be empty");
    }
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    images
        .find(name)
        .ifPresent(
            image -> {
              response.setImage(ImageViews.image(image));
              if (request.getVerbose()) {
                response.putInfo("hull", info(image));
              }
            });
    return response.build();
  }

  private static String info(Image image) {
    Image.Config config = image.config();
    Map<String, Object> info = new LinkedHashMap<>();
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
    return new Gson().toJson(info);
  }
}
