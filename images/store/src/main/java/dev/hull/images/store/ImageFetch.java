package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Progress;
import dev.hull.images.content.ContentSource;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.Document;
import dev.hull.images.content.ImageConfig;
import dev.hull.images.content.Manifest;
import dev.hull.images.content.ManifestReader;
import dev.hull.images.content.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/** From a name to all that an image is: manifests, config, layers; each verified. */
final class ImageFetch {
  private static final int DEEPEST = 3;

  private final StoreFolder folder;
  private final LayerIngest layers;
  private final Limits limits;
  private final Platform machine;

  ImageFetch(StoreFolder folder, LayerIngest layers, Limits limits, Platform machine) {
    this.folder = folder;
    this.layers = layers;
    this.limits = limits;
    this.machine = machine;
  }

  /**
   * What an image is, before its layers are here.
   *
   * @param digest of what the name stands for: a manifest, or an index
   * @param layers by diff id, lowest first as {@code config} has them
   * @param documents configs and manifests, not yet in the store
   */
  record Resolved(
      Digest digest,
      Digest id,
      ImageConfig config,
      Map<Digest, Descriptor> layers,
      SortedMap<Digest, Document> documents) {

    Catalog.Entry entry(List<Catalog.Layer> files) {
      SortedMap<Digest, Long> sizes = new TreeMap<>();
      documents.forEach((name, document) -> sizes.put(name, (long) document.bytes().length));
      return new Catalog.Entry(id, files, sizes);
    }
  }

  /**
   * Asks for the manifests and the config.
   *
   * @param version a tag or a digest
   */
  Resolved resolve(ContentSource source, String version) {
    SortedMap<Digest, Document> documents = new TreeMap<>();
    Document document = source.manifest(version);
    Digest digest = document.digest();
    if (version.startsWith("sha256:") && !digest.value().equals(version)) {
      throw mismatch("manifest", version, digest);
    }
    documents.put(digest, document);
    Manifest manifest = ManifestReader.read(document);
    for (int depth = 0; manifest instanceof Manifest.Index index; depth++) {
      if (depth == DEEPEST) {
        throw new ImageException(
            Kind.INVALID, "its indexes are nested more than " + DEEPEST + " deep");
      }
      Descriptor chosen = ManifestReader.choose(index, machine);
      document = known(chosen).orElseGet(() -> source.manifest(chosen.digest().value()));
      check("manifest", chosen, document);
      documents.put(chosen.digest(), new Document(document.bytes(), chosen.mediaType()));
      manifest = ManifestReader.read(new Document(document.bytes(), chosen.mediaType()));
    }
    Manifest.Single single = (Manifest.Single) manifest;
    Document config = known(single.config()).orElseGet(() -> config(source, single.config()));
    check("config", single.config(), config);
    documents.put(single.config().digest(), config);
    ImageConfig parsed = ImageConfig.read(config.bytes());
    parsed.check(single, machine);
    Map<Digest, Descriptor> layersById = new LinkedHashMap<>();
    for (int i = 0; i < single.layers().size(); i++) {
      layersById.putIfAbsent(parsed.diffIds().get(i), single.layers().get(i));
    }
    return new Resolved(digest, single.config().digest(), parsed, layersById, documents);
  }

  private Optional<Document> known(Descriptor descriptor) {
    try {
      return folder
          .readDocument(descriptor.digest())
          .map(bytes -> new Document(bytes, descriptor.mediaType()));
    } catch (IOException e) {
      throw new ImageException(
          Kind.INTERNAL, "cannot read " + descriptor.digest() + " in " + folder.root(), e);
    }
  }

  private static Document config(ContentSource source, Descriptor descriptor) {
    try (InputStream content = source.blob(descriptor)) {
      return new Document(content.readNBytes(Document.LARGEST + 1), descriptor.mediaType());
    } catch (IOException e) {
      throw new ImageException(Kind.UNAVAILABLE, "cannot read its config: " + e.getMessage(), e);
    }
  }

  private static void check(String what, Descriptor descriptor, Document document) {
    Digest digest = document.digest();
    if (!digest.equals(descriptor.digest())) {
      throw mismatch(what, descriptor.digest().value(), digest);
    }
    if (document.bytes().length != descriptor.size()) {
      throw new ImageException(
          Kind.INVALID,
          "its " + what + " has another size than what names it says; build the image afresh");
    }
  }

  private static ImageException mismatch(String what, String wanted, Digest got) {
    return new ImageException(
        Kind.CORRUPT,
        "its "
            + what
            + " "
            + wanted
            + " came with the digest "
            + got
            + "; something on the way changes it, or the registry has a broken copy");
  }

  /** Brings in every layer that is not here, a few at a time; the first failure ends the others. */
  void bringLayers(ContentSource source, Resolved image, Progress progress) {
    Map<Digest, Descriptor> missing = new LinkedHashMap<>();
    image
        .layers()
        .forEach(
            (diffId, descriptor) -> {
              boolean here = folder.hasLayer(diffId);
              progress.layerFound(diffId, here ? 0 : descriptor.size());
              if (here) {
                progress.layerDone(diffId);
              } else {
                missing.put(diffId, descriptor);
              }
            });
    // Compressed they are smaller than what is written: what does not even hold that is full.
    DiskFull.check(
        folder.root(),
        "the image",
        missing.values().stream().mapToLong(Descriptor::size).reduce(0, ImageFetch::saturated));
    Semaphore places = new Semaphore(limits.parallelLayers(), true);
    try (AllOrNone tasks = new AllOrNone()) {
      missing.forEach(
          (diffId, descriptor) ->
              tasks.start(
                  () -> {
                    places.acquire();
                    try {
                      layers.ingest(source, descriptor, diffId, progress);
                    } finally {
                      places.release();
                    }
                  }));
      tasks.await();
    }
  }

  private static long saturated(long one, long other) {
    long sum = one + other;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
