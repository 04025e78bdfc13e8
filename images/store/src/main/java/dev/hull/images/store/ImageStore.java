package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images;
import dev.hull.images.archive.Layout;
import dev.hull.images.content.ContentSource;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.ImageConfig;
import dev.hull.images.content.Platform;
import dev.hull.images.layer.LayerTranscoder;
import dev.hull.images.reference.ImageReference;
import dev.hull.images.registry.RegistryClient;
import dev.hull.images.registry.RegistryConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The images of one folder, from registries and layouts, for linux/amd64. The folder belongs to the
 * store that is open: a second one is refused. Closing cancels pulls under way and gives the folder
 * back.
 */
public final class ImageStore implements Images, AutoCloseable {
  private final StoreFolder folder;
  private final Shelf shelf;
  private final ImageFetch fetch;
  private final RegistryClient registries;
  private final PullsUnderWay pulls = new PullsUnderWay();
  private final Map<Digest, ImageConfig> configs = new ConcurrentHashMap<>();

  /**
   * Opens the store, or makes it.
   *
   * @throws ImageException IN_USE if the folder is another store's at the moment
   */
  public ImageStore(Path folder, RegistryConfig registries) {
    this(folder, registries, Limits.DEFAULT);
  }

  public ImageStore(Path folder, RegistryConfig registries, Limits limits) {
    this(
        folder,
        registries,
        limits,
        InstantSource.system(),
        scratch -> new LayerTranscoder(scratch)::transcode);
  }

  /** For tests that want layers without EROFS, or another time. */
  ImageStore(
      Path path,
      RegistryConfig registryConfig,
      Limits limits,
      InstantSource clock,
      Function<Path, LayerWriter> writer) {
    this.folder = StoreFolder.open(path.toAbsolutePath().normalize());
    try {
      this.shelf = new Shelf(folder, clock);
    } catch (ImageException e) {
      folder.close();
      throw e;
    }
    LayerIngest layers = new LayerIngest(folder, writer.apply(folder.temporaryFolder()), limits);
    this.fetch = new ImageFetch(folder, layers, limits, Platform.LINUX_AMD64);
    this.registries = new RegistryClient(registryConfig);
  }

  @Override
  public Image pull(String reference, Credentials credentials, Progress progress) {
    ImageReference wanted = ImageReference.parse(reference);
    if (wanted.digest().isPresent()) {
      Digest here = shelf.catalog().names().get(wanted.toString());
      Optional<Image> image = here == null ? Optional.empty() : image(shelf.catalog(), here);
      if (image.isPresent()) {
        return image.get();
      }
    }
    return naming(
        "cannot pull " + wanted,
        () ->
            pulls.join(
                new PullsUnderWay.Key(wanted.toString(), credentials),
                progress,
                shared -> {
                  ContentSource source = registries.open(wanted, credentials);
                  ImageFetch.Resolved resolved = fetch.resolve(source, wanted.version());
                  return bring(source, resolved, names(wanted, resolved), shared);
                }));
  }

  @Override
  public List<Image> load(Path path, Optional<String> name, Progress progress) {
    return naming(
        "cannot load " + path,
        () -> {
          try (Layout layout = Layout.open(path)) {
            List<Image> loaded = new ArrayList<>();
            for (LoadNames.Named named : LoadNames.of(layout.images(), name)) {
              loaded.add(
                  naming(
                      String.valueOf(named.name()),
                      () -> loadOne(layout, named.descriptor(), named.name(), progress)));
            }
            return List.copyOf(loaded);
          }
        });
  }

  private Image loadOne(
      Layout layout, Descriptor descriptor, ImageReference name, Progress progress) {
    ImageFetch.Resolved resolved = fetch.resolve(layout, descriptor.digest().value());
    if (name.digest().filter(digest -> !digest.equals(resolved.digest())).isPresent()) {
      throw new ImageException(
          Kind.INVALID, "its digest is " + resolved.digest() + ", so it cannot have this name");
    }
    return bring(layout, resolved, names(name, resolved), progress);
  }

  /** As it was called, and by its digest; who called it by that has said both. */
  private static Set<String> names(ImageReference called, ImageFetch.Resolved resolved) {
    return Stream.of(called, called.withDigest(resolved.digest()))
        .map(ImageReference::toString)
        .collect(Collectors.toUnmodifiableSet());
  }

  private Image bring(
      ContentSource source,
      ImageFetch.Resolved resolved,
      Collection<String> names,
      Progress progress) {
    Set<Digest> layers = resolved.layers().keySet();
    boolean worthGoingOn = true;
    shelf.hold(layers);
    try {
      fetch.bringLayers(source, resolved, progress);
      Catalog catalog = shelf.put(entry(resolved), resolved.documents(), names);
      return image(catalog, resolved.id())
          .orElseThrow(
              () ->
                  new ImageException(
                      Kind.NOT_FOUND, "it was removed as soon as it was here; try again"));
    } catch (ImageException e) {
      worthGoingOn = e.kind() == Kind.UNAVAILABLE;
      throw e;
    } finally {
      shelf.release(layers);
      if (!worthGoingOn) {
        shelf.discard(layers);
      }
    }
  }

  private Catalog.Entry entry(ImageFetch.Resolved resolved) {
    List<Catalog.Layer> files = new ArrayList<>();
    for (Digest diffId : resolved.config().diffIds()) {
      try {
        files.add(new Catalog.Layer(diffId, Files.size(folder.layer(diffId))));
      } catch (IOException e) {
        throw new ImageException(Kind.INTERNAL, "cannot read layer " + diffId + ": " + e, e);
      }
    }
    return resolved.entry(files);
  }

  @Override
  public List<Image> list() {
    Catalog catalog = shelf.catalog();
    return catalog.images().keySet().stream().flatMap(id -> image(catalog, id).stream()).toList();
  }

  @Override
  public Optional<Image> find(String referenceOrId) {
    Catalog catalog = shelf.catalog();
    return Lookup.in(catalog, referenceOrId).flatMap(found -> image(catalog, found.id()));
  }

  @Override
  public void remove(String referenceOrId) {
    shelf.change(catalog -> Removal.of(catalog, referenceOrId));
    configs.keySet().retainAll(shelf.catalog().images().keySet());
  }

  @Override
  public void pin(Digest imageId, String owner) {
    shelf.change(
        catalog -> {
          if (!catalog.images().containsKey(imageId)) {
            throw new ImageException(
                Kind.NOT_FOUND,
                "cannot keep image " + imageId + " for " + owner + ": it is not here; pull it");
          }
          return catalog.withPin(imageId, owner);
        });
  }

  @Override
  public void unpin(String owner) {
    shelf.change(catalog -> catalog.withoutPins(owner));
  }

  /**
   * Bytes are the lengths of all files, what {@code find -type f -printf %s} adds up to; inodes are
   * files and folders.
   */
  @Override
  public Usage usage() {
    try {
      return folder.usage();
    } catch (IOException e) {
      throw new ImageException(Kind.INTERNAL, "cannot measure " + folder.root() + ": " + e, e);
    }
  }

  /** Empty if it has been removed since the catalog was looked at. */
  private Optional<Image> image(Catalog catalog, Digest id) {
    Catalog.Entry entry = catalog.images().get(id);
    Optional<ImageConfig> config = config(id);
    if (entry == null || config.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = catalog.namesOf(id);
    return Optional.of(
        new Image(
            id,
            names.stream().filter(name -> name.indexOf('@') < 0).toList(),
            names.stream().filter(name -> name.indexOf('@') >= 0).toList(),
            entry.sizeBytes(),
            config.get().run(),
            entry.layers().stream()
                .map(
                    layer ->
                        new Image.Layer(layer.diffId(), folder.layer(layer.diffId()), layer.size()))
                .toList()));
  }

  private Optional<ImageConfig> config(Digest id) {
    ImageConfig known = configs.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      Optional<ImageConfig> read = folder.readDocument(id).map(ImageConfig::read);
      read.ifPresent(config -> configs.put(id, config));
      return read;
    } catch (IOException e) {
      throw new ImageException(Kind.INTERNAL, "cannot read the config of " + id + ": " + e, e);
    }
  }

  private static <T> T naming(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (ImageException e) {
      throw new ImageException(e.kind(), what + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    pulls.close();
    registries.close();
    folder.close();
  }
}
