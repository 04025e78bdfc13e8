package dev.hull.cli.kubelet;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.pod.Container;
import dev.hull.cli.terminal.PullProgress;
import dev.hull.cri.v1.AuthConfig;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.ImageStatusResponse;
import dev.hull.cri.v1.PullImageRequest;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes images present. While a pull runs, the daemon is asked how far it is: ImageStatus, verbose,
 * answers with {@code info["hull"]}, of which {@code pull.doneBytes} and {@code pull.totalBytes}
 * are read; a daemon that does not say gets no bar.
 */
public final class ImagePuller {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Set<Status.Code> REFUSED =
      Set.of(Status.Code.UNAUTHENTICATED, Status.Code.PERMISSION_DENIED);

  private final Cri cri;
  private final PullProgress progress;
  private final Time time;
  private final Timeline timeline;

  public ImagePuller(Cri cri, PullProgress progress, Time time, Timeline timeline) {
    this.cri = cri;
    this.progress = progress;
    this.time = time;
    this.timeline = timeline;
  }

  /**
   * Makes it present as the policy wants, and returns what containers are to call it.
   *
   * @param auths tried one after another until the registry lets one in; there is at least one
   */
  public String ensure(
      String image, Container.PullPolicy policy, List<AuthConfig> auths, StopRequest stop)
      throws StopException, InterruptedException, PodException {
    if (policy != Container.PullPolicy.ALWAYS) {
      Optional<String> present = find(image);
      if (present.isPresent()) {
        return present.get();
      }
      if (policy == Container.PullPolicy.NEVER) {
        throw new PodException(
            "the image " + image + " is not here, and imagePullPolicy: Never forbids to pull it");
      }
    }
    Optional<PodException> refusal = Optional.empty();
    for (AuthConfig auth : auths) {
      try {
        return pull(spec(image, Map.of()), auth, stop);
      } catch (PodException e) {
        if (!(e.getCause() instanceof CriException failed) || !REFUSED.contains(failed.code())) {
          throw e;
        }
        // The next may do, as with the kubelet. What is told is why the best one did not.
        refusal = refusal.isPresent() ? refusal : Optional.of(e);
      }
    }
    throw refusal.orElseThrow();
  }

  /** Pulls in any case. */
  public String pull(String image, AuthConfig auth, StopRequest stop)
      throws StopException, InterruptedException, PodException {
    return pull(spec(image, Map.of()), auth, stop);
  }

  /**
   * Loads from an OCI layout on the daemon's host.
   *
   * @param name of the image; empty for the name in the layout
   */
  public String load(Path layout, String name, StopRequest stop)
      throws StopException, InterruptedException, PodException {
    ImageSpec spec = spec(name, Map.of(PodAnnotations.OCI_LAYOUT, layout.toString()));
    return pull(spec, AuthConfig.getDefaultInstance(), stop);
  }

  private Optional<String> find(String image) {
    ImageStatusResponse response =
        cri.images(
            Cri.QUICK,
            stub ->
                stub.imageStatus(
                    ImageStatusRequest.newBuilder().setImage(spec(image, Map.of())).build()));
    return response.hasImage() && !response.getImage().getId().isEmpty()
        ? Optional.of(response.getImage().getId())
        : Optional.empty();
  }

  private String pull(ImageSpec spec, AuthConfig auth, StopRequest stop)
      throws StopException, InterruptedException, PodException {
    PullImageRequest request = PullImageRequest.newBuilder().setImage(spec).setAuth(auth).build();
    FutureTask<String> call =
        new FutureTask<>(
            () -> cri.images(Cri.TRANSFER, stub -> stub.pullImage(request)).getImageRef());
    String shown =
        spec.getImage().isEmpty()
            ? spec.getAnnotationsOrDefault(PodAnnotations.OCI_LAYOUT, "")
            : spec.getImage();
    Thread.ofVirtual().name("pull " + shown).start(call);
    progress.begin(shown);
    long began = time.millis();
    try {
      while (true) {
        stop.check();
        try {
          String reference = call.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
          timeline.took("image " + shown, began);
          return reference;
        } catch (TimeoutException e) {
          look(spec, shown);
        }
      }
    } catch (ExecutionException e) {
      String reason =
          e.getCause() instanceof CriException failed
              ? String.valueOf(failed.getMessage())
              : e.toString();
      throw new PodException(
          reason.contains(shown) ? reason : "cannot pull " + shown + ": " + reason, e.getCause());
    } catch (CancellationException e) {
      throw new PodException("the pull of " + shown + " was cancelled", e);
    } finally {
      // Ends the call if it is still under way; the daemon keeps nothing half-made.
      call.cancel(true);
      progress.end();
    }
  }

  private void look(ImageSpec spec, String shown) {
    if (spec.getImage().isEmpty()) {
      // Its name is in the layout; the daemon is asked by names.
      return;
    }
    try {
      ImageStatusRequest request =
          ImageStatusRequest.newBuilder().setImage(spec).setVerbose(true).build();
      String info =
          cri.images(Cri.QUICK, stub -> stub.imageStatus(request)).getInfoOrDefault("hull", "{}");
      if (JsonParser.parseString(info) instanceof JsonObject hull
          && hull.get("pull") instanceof JsonObject pull) {
        progress.advance(shown, number(pull.get("doneBytes")), number(pull.get("totalBytes")));
      }
    } catch (CriException | JsonParseException | NumberFormatException e) {
      // The bar is a courtesy; the pull itself tells what is wrong.
    }
  }

  private static long number(@Nullable JsonElement element) {
    return element != null && element.isJsonPrimitive() ? element.getAsLong() : 0;
  }

  private static ImageSpec spec(String image, Map<String, String> annotations) {
    return ImageSpec.newBuilder()
        .setImage(image)
        .setUserSpecifiedImage(image)
        .putAllAnnotations(annotations)
        .build();
  }
}
