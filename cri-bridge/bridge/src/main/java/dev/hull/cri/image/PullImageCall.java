package dev.hull.cri.image;

import dev.hull.cri.call.Call;
import dev.hull.cri.call.Refusal;
import dev.hull.cri.v1.AuthConfig;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.PullImageResponse;
import dev.hull.images.Images;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;

/** Makes an image present. The answer names it by its id, as every other call does. */
public final class PullImageCall implements Call<PullImageRequest, PullImageResponse> {
  private static final Set<String> HANDLERS = Set.of("", "hull");

  private final Images images;

  public PullImageCall(Images images) {
    this.images = images;
  }

  @Override
  public PullImageResponse answer(PullImageRequest request) {
    String reference = request.getImage().getImage();
    if (reference.isEmpty()) {
      throw Refusal.invalid("image.image must not be empty");
    }
    if (!HANDLERS.contains(request.getImage().getRuntimeHandler())) {
      throw Refusal.invalid(
          "image.runtime_handler: there is no runtime handler "
              + request.getImage().getRuntimeHandler());
    }
    Credentials credentials = credentials(reference, request.getAuth());
    return PullImageResponse.newBuilder()
        .setImageRef(images.pull(reference, credentials, Progress.SILENT).id().value())
        .build();
  }

  /** Credentials for another registry than the image's are not sent to it. */
  static Credentials credentials(String reference, AuthConfig auth) {
    if (!auth.getServerAddress().isEmpty()
        && !registry(auth.getServerAddress()).equals(registryOf(reference))) {
      return Credentials.NONE;
    }
    String username = auth.getUsername();
    String password = auth.getPassword();
    if (!auth.getAuth().isEmpty()) {
      String decoded = decode(auth.getAuth());
      int colon = decoded.indexOf(':');
      if (colon < 0) {
        throw Refusal.invalid("auth.auth must be the base64 of user:password");
      }
      username = decoded.substring(0, colon);
      // Some clients pad the password with NULs.
      password = decoded.substring(colon + 1).replaceAll("\0+$", "");
    }
    return new Credentials(username, password, auth.getIdentityToken(), auth.getRegistryToken());
  }

  private static String decode(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid("auth.auth must be the base64 of user:password");
    }
  }

  /** {@code https://index.docker.io/v1/} is what Docker writes for its hub. */
  private static String registry(String address) {
    String host = address.replaceFirst("^[a-zA-Z]+://", "");
    int slash = host.indexOf('/');
    host = (slash < 0 ? host : host.substring(0, slash)).toLowerCase(Locale.ROOT);
    return Set.of("index.docker.io", "registry-1.docker.io").contains(host) ? "docker.io" : host;
  }

  /** As Docker reads a name: what stands before the first slash, if it looks like a host. */
  private static String registryOf(String reference) {
    int slash = reference.indexOf('/');
    String first = slash < 0 ? "" : reference.substring(0, slash);
    boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
    return host ? registry(first) : "docker.io";
  }
}
