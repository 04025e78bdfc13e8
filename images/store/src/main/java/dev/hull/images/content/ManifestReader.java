package dev.hull.images.content;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads manifests and indexes, of OCI and of Docker's schema 2, and chooses among an index's
 * platforms.
 */
public final class ManifestReader {
  /** Docker's builders stop at 127; a machine shows an image's layers as partitions of one disk. */
  static final int MOST_LAYERS = 127;

  private static final int MOST_MANIFESTS = 1000;

  private ManifestReader() {}

  /**
   * Reads a manifest or an index.
   *
   * @throws ImageException INVALID if it is no image, or one of a kind that we do not have
   */
  public static Manifest read(Document document) {
    Fields fields = Fields.parse(document.bytes(), "manifest");
    // Both at once mean one thing to one reader and another to the next (CVE-2021-41190).
    if (fields.has("manifests") && (fields.has("layers") || fields.has("config"))) {
      throw new ImageException(
          Kind.INVALID, "manifest is an image and an index at once; build the image afresh");
    }
    String type = fields.string("mediaType");
    if (type.isEmpty()) {
      type = document.mediaType();
    }
    if (MediaTypes.isSchema1(type) || fields.has("fsLayers")) {
      throw new ImageException(
          Kind.INVALID,
          "manifest is of Docker's schema 1, which has been withdrawn; push the image again with a"
              + " tool of this decade");
    }
    boolean index = MediaTypes.isIndex(type);
    boolean single = MediaTypes.isManifest(type);
    if (!index && !single && !type.isEmpty() && !isGeneric(type)) {
      throw new ImageException(Kind.INVALID, "manifest is of a kind unknown here: " + clip(type));
    }
    if (index ? !fields.has("manifests") : single && fields.has("manifests")) {
      throw new ImageException(Kind.INVALID, "manifest is not what it says: " + clip(type));
    }
    return index || fields.has("manifests") ? index(fields) : single(fields);
  }

  /** What a web server says that knows nothing of manifests. */
  private static boolean isGeneric(String type) {
    return type.startsWith("application/json")
        || type.startsWith("application/octet-stream")
        || type.startsWith("text/plain");
  }

  private static Manifest index(Fields fields) {
    List<Descriptor> manifests = new ArrayList<>();
    for (Fields entry : fields.objects("manifests")) {
      manifests.add(descriptor(entry));
    }
    if (manifests.size() > MOST_MANIFESTS) {
      throw new ImageException(
          Kind.INVALID,
          "manifest lists " + manifests.size() + " images; at most " + MOST_MANIFESTS + " do");
    }
    return new Manifest.Index(manifests);
  }

  private static Manifest single(Fields fields) {
    Fields configFields =
        fields
            .optionalObject("config")
            .orElseThrow(() -> new ImageException(Kind.INVALID, "manifest.config is missing"));
    Descriptor config = descriptor(configFields);
    if (!MediaTypes.isConfig(config.mediaType())) {
      throw new ImageException(
          Kind.INVALID, "it is not a container image but " + clip(config.mediaType()));
    }
    if (config.size() > Document.LARGEST) {
      throw new ImageException(
          Kind.INVALID,
          "its config has " + config.size() + " bytes; at most " + Document.LARGEST + " are read");
    }
    List<Descriptor> layers = new ArrayList<>();
    for (Fields entry : fields.objects("layers")) {
      layers.add(layer(descriptor(entry)));
    }
    if (layers.isEmpty() || layers.size() > MOST_LAYERS) {
      throw new ImageException(
          Kind.INVALID, "it has " + layers.size() + " layers; an image has 1 to " + MOST_LAYERS);
    }
    return new Manifest.Single(config, layers);
  }

  private static Descriptor layer(Descriptor layer) {
    if (MediaTypes.isForeignLayer(layer.mediaType())) {
      throw new ImageException(
          Kind.INVALID,
          "its layer "
              + layer.digest()
              + " is foreign (to be had from elsewhere), which is refused; use an image that holds"
              + " all its layers");
    }
    if (!MediaTypes.isLayer(layer.mediaType())) {
      throw new ImageException(
          Kind.INVALID,
          "its layer "
              + layer.digest()
              + " is of a kind unknown here: "
              + clip(layer.mediaType())
              + "; tar, gzip and zstd are known");
    }
    return layer;
  }

  private static Descriptor descriptor(Fields fields) {
    Optional<Platform> platform =
        fields
            .optionalObject("platform")
            .map(
                inner ->
                    new Platform(
                        inner.string("os"), inner.string("architecture"), inner.string("variant")));
    return new Descriptor(
        fields.string("mediaType"),
        fields.digest("digest"),
        fields.size("size"),
        platform,
        fields.stringMap("annotations"));
  }

  /**
   * The entry that runs on {@code machine}, the first of several.
   *
   * @throws ImageException NOT_FOUND, with the platforms that there are
   */
  public static Descriptor choose(Manifest.Index index, Platform machine) {
    List<Descriptor> fitting =
        index.manifests().stream().filter(entry -> fits(entry, machine)).toList();
    if (fitting.isEmpty()) {
      throw new ImageException(
          Kind.NOT_FOUND,
          "there is none for " + machine + ", only for " + platforms(index.manifests()));
    }
    return fitting.getFirst();
  }

  /** An entry that names no platform may be for any; its config will tell. */
  public static boolean fits(Descriptor entry, Platform machine) {
    boolean image =
        entry.mediaType().isEmpty()
            || MediaTypes.isManifest(entry.mediaType())
            || MediaTypes.isIndex(entry.mediaType());
    return image && entry.platform().map(platform -> platform.runsOn(machine)).orElse(true);
  }

  /** For people, without the attestations that builders file under "unknown". */
  public static String platforms(List<Descriptor> entries) {
    String names =
        entries.stream()
            .flatMap(entry -> entry.platform().stream())
            .map(Platform::toString)
            .filter(name -> !name.startsWith("unknown/"))
            .distinct()
            .limit(20)
            .map(ManifestReader::clip)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none that it names" : names;
  }

  /** What a stranger wrote, fit for a message. */
  static String clip(String text) {
    String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 100 ? printable : printable.substring(0, 100) + "…";
  }
}
