package dev.hull.cri.bridge.daemon;

import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.Images;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/** A store in memory: what {@link #offer} names can be pulled. */
public final class FakeImages implements Images {
  private final Map<String, Image> offered = new TreeMap<>();
  private final Map<Digest, Image> here = new LinkedHashMap<>();
  private final Map<String, Set<Digest>> pins = new TreeMap<>();
  private Credentials lastCredentials = Credentials.NONE;
  private CountDownLatch held = new CountDownLatch(0);

  public synchronized Image offer(String name, Image.Config config) {
    Digest id = new Digest("sha256:" + "%064x".formatted(name.hashCode() & 0xffffffffL));
    Image image =
        new Image(
            id,
            List.of("docker.io/library/" + name),
            List.of("docker.io/library/" + name.split(":", -1)[0] + "@" + id),
            4096,
            config,
            List.of(new Image.Layer(id, Path.of("/store", id.hex()), 4096)));
    offered.put(name, image);
    return image;
  }

  /** From now on a pull has a quarter of its bytes until it is let go. */
  synchronized CountDownLatch hold() {
    held = new CountDownLatch(1);
    return held;
  }

  synchronized Map<String, Set<Digest>> pins() {
    return Map.copyOf(pins);
  }

  synchronized Credentials lastCredentials() {
    return lastCredentials;
  }

  @Override
  public Image pull(String reference, Credentials credentials, Progress progress) {
    Image image = asked(reference, credentials);
    progress.layerFound(image.id(), 4096);
    progress.layerAdvanced(image.id(), 1024);
    try {
      waiting().await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    progress.layerDone(image.id());
    return keep(image);
  }

  private synchronized Image asked(String reference, Credentials credentials) {
    lastCredentials = credentials;
    Image image = offered.get(reference);
    if (image == null) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, "cannot pull " + reference + ": there is no such image");
    }
    return image;
  }

  private synchronized CountDownLatch waiting() {
    return held;
  }

  private synchronized Image keep(Image image) {
    here.put(image.id(), image);
    return image;
  }

  /** A layout's file name is the name that its image has there. */
  @Override
  public List<Image> load(Path layout, Optional<String> name, Progress progress) {
    String own = layout.getFileName().toString();
    return List.of(pull(name.orElse(own), Credentials.NONE, progress));
  }

  @Override
  public synchronized List<Image> list() {
    return List.copyOf(here.values());
  }

  @Override
  public synchronized Optional<Image> find(String referenceOrId) {
    return here.values().stream()
        .filter(
            image ->
                image.id().value().equals(referenceOrId)
                    || image.repoTags().contains("docker.io/library/" + referenceOrId))
        .findFirst();
  }

  @Override
  public synchronized void remove(String referenceOrId) {
    find(referenceOrId)
        .ifPresent(
            image -> {
              if (pins.values().stream().anyMatch(ids -> ids.contains(image.id()))) {
                throw new ImageException(
                    ImageException.Kind.IN_USE, "cannot remove " + referenceOrId + ": it is used");
              }
              here.remove(image.id());
            });
  }

  @Override
  public synchronized void pin(Digest imageId, String owner) {
    pins.computeIfAbsent(owner, any -> new HashSet<>()).add(imageId);
  }

  @Override
  public synchronized void unpin(String owner) {
    pins.remove(owner);
  }

  @Override
  public Usage usage() {
    return new Usage(Path.of("/store"), 4096, 7);
  }
}
