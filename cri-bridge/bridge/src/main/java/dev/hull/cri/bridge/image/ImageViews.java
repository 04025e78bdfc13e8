package dev.hull.cri.bridge.image;

import dev.hull.cri.v1.Image;
import dev.hull.cri.v1.Int64Value;
import java.util.regex.Pattern;

/** An image as CRI shows it. */
final class ImageViews {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

  private ImageViews() {}

  static Image image(dev.hull.images.Image image) {
    Image.Builder view =
        Image.newBuilder()
            .setId(image.id().value())
            .addAllRepoTags(image.repoTags())
            .addAllRepoDigests(image.repoDigests())
            // CRI wants more than 0, also of an image without layers.
            .setSize(Math.max(1, image.sizeBytes()));
    String user = image.config().user();
    int colon = user.indexOf(':');
    String name = colon < 0 ? user : user.substring(0, colon);
    if (NUMBER.matcher(name).matches()) {
      view.setUid(Int64Value.newBuilder().setValue(Long.parseLong(name)));
    } else {
      view.setUsername(name);
    }
    return view.build();
  }
}
