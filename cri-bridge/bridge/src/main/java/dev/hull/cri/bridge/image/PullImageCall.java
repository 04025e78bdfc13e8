package dev.hull.cri.bridge.image;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.AuthConfig;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.PullImageResponse;
import dev.hull.images.Image;
import dev.hull.images.Images;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Makes an image present. The answer names it by its id, as every other call does.
 *
 * <p>With the annotation {@value #LAYOUT} it is read from that OCI layout (a folder or a tar file)
 * on this host instead of a registry; so {@code hull load} needs no protocol of its own. Without a
 * name all of its images are, under the names that they have there. A kubelet copies a pod's
 * annotations into this request, and says which pod by {@code sandbox_config}: then the annotation
 * has no effect, for a pod's author must not choose what this process reads.
 */
public final class PullImageCall implements Call<PullImageRequest, PullImageResponse> {
  public static final String LAYOUT = "dev.hull.oci-layout";

  private static final Set<String> HANDLERS = Set.of("", "hull");

  private final Images images;
  private final Transfers transfers;

  public PullImageCall(Images images, Transfers transfers) {
    this.images = images;
    this.transfers = transfers;
  }

  @Override
  public PullImageResponse answer(PullImageRequest request) {
    String reference = request.getImage().getImage();
    String layout =
        request.hasSandboxConfig() ? "" : request.getImage().getAnnotationsOrDefault(LAYOUT, "");
    if (reference.isEmpty() && layout.isEmpty()) {
      throw Refusal.invalid("image.image must not be empty");
    }
    if (!HANDLERS.contains(request.getImage().getRuntimeHandler())) {
      throw Refusal.invalid(
          "image.runtime_handler: there is no runtime handler "
              + request.getImage().getRuntimeHandler());
    }
    if (!layout.isEmpty()) {
      return response(load(reference, layout));
    }
    Credentials credentials = credentials(reference, request.getAuth());
    try (Transfers.Transfer transfer = transfers.begin(reference)) {
      return response(images.pull(reference, credentials, transfer));
    }
  }

  private static PullImageResponse response(Image image) {
    return PullImageResponse.newBuilder().setImageRef(image.id().value()).build();
  }

  private Image load(String reference, String layout) {
    Path path = Path.of(layout);
    if (!path.isAbsolute()) {
      throw Refusal.invalid(
          "image.annotations: " + LAYOUT + " must be an absolute path: " + layout);
    }
    Optional<String> name = Optional.of(reference).filter(given -> !given.isEmpty());
    List<Image> loaded = images.load(path, name, Progress.SILENT);
    if (loaded.isEmpty()) {
      throw Refusal.invalid("there is no image in the OCI layout " + layout);
    }
    return loaded.getFirst();
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
    } catch (IllegalArgumentException _) {
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
