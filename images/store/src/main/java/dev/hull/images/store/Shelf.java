package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog and the files it speaks of, changed together. A change counts when the catalog is on
 * disk; what it makes superfluous is deleted after that, except what a pull under way holds.
 */
final class Shelf {
  private static final Logger log = LoggerFactory.getLogger(Shelf.class);

  /** How long the layers of a broken-off pull wait for the next attempt, from one start on. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private final StoreFolder folder;
  private final Map<Digest, Integer> held = new HashMap<>();
  private volatile Catalog catalog;

  /** Reads the catalog, drops images whose layers are not whole, and sweeps. */
  Shelf(StoreFolder folder, InstantSource clock) {
    this.folder = folder;
    try {
      this.catalog = whole(read(folder), folder);
      folder.refillReserve();
      sweepDocuments();
      Instant old = clock.instant().minus(PATIENCE);
      List<Digest> stale = new ArrayList<>();
      for (Digest layer : folder.layers()) {
        if (Files.getLastModifiedTime(folder.layer(layer)).toInstant().isBefore(old)) {
          stale.add(layer);
        }
      }
      sweepLayers(stale);
    } catch (IOException e) {
      throw new ImageException(
          Kind.INTERNAL, "cannot read the image store in " + folder.root() + ": " + e, e);
    }
  }

  private static Catalog read(StoreFolder folder) throws IOException {
    if (!Files.exists(folder.catalog())) {
      return Catalog.EMPTY;
    }
    try {
      return CatalogFile.read(Files.readAllBytes(folder.catalog()));
    } catch (ImageException e) {
      throw new ImageException(
          Kind.INTERNAL,
          "cannot read "
              + folder.catalog()
              + ": "
              + e.getMessage()
              + "; use the program that wrote it, or move the file away and pull the images again",
          e);
    }
  }

  /**
   * Somebody may have deleted files, or the disk may have lost them: such an image is pulled anew.
   */
  private static Catalog whole(Catalog read, StoreFolder folder) throws IOException {
    Catalog result = read;
    Map<Digest, Long> sizes = new TreeMap<>();
    for (Digest layer : folder.layers()) {
      sizes.put(layer, Files.size(folder.layer(layer)));
    }
    Set<Digest> documents = new HashSet<>(folder.documents());
    for (Catalog.Entry image : read.images().values()) {
      boolean layers =
          image.layers().stream()
              .allMatch(layer -> sizes.getOrDefault(layer.diffId(), -1L) == layer.size());
      if (!layers || !documents.containsAll(image.documents().keySet())) {
        log.atWarn()
            .addKeyValue("image", image.id())
            .addKeyValue("names", read.namesOf(image.id()))
            .log("files of this image are missing or cut short; it must be pulled again");
        result = result.withoutImage(image.id());
        for (Catalog.Layer layer : image.layers()) {
          if (sizes.getOrDefault(layer.diffId(), layer.size()) != layer.size()) {
            folder.deleteLayer(layer.diffId());
          }
        }
      }
    }
    if (!result.equals(read)) {
      folder.writeCatalog(CatalogFile.write(result));
    }
    return result;
  }

  Catalog catalog() {
    return catalog;
  }

  /** Until they are released, these layers are not deleted, whether an image has them or not. */
  synchronized void hold(Collection<Digest> layers) {
    layers.forEach(layer -> held.merge(layer, 1, Integer::sum));
  }

  synchronized void release(Collection<Digest> layers) {
    layers.forEach(
        layer -> held.computeIfPresent(layer, (_, count) -> count == 1 ? null : count - 1));
  }

  /** Puts an image in, whose layers are held by the caller. */
  synchronized Catalog put(
      Catalog.Entry image, Map<Digest, Document> documents, Collection<String> names) {
    try {
      for (Map.Entry<Digest, Document> document : documents.entrySet()) {
        folder.writeDocument(document.getKey(), document.getValue().bytes());
      }
      Catalog next = catalog.with(image, names);
      folder.writeCatalog(CatalogFile.write(next));
      catalog = next;
      return next;
    } catch (IOException e) {
      try {
        sweepDocuments();
      } catch (IOException other) {
        e.addSuppressed(other);
      }
      throw DiskFull.explain(
          folder.root(), "its manifest and config", CatalogFile.write(catalog).length, e);
    }
  }

  /** A change that takes no layers in. */
  synchronized void change(UnaryOperator<Catalog> change) {
    Catalog before = catalog;
    Catalog next = change.apply(before);
    if (next.equals(before)) {
      return;
    }
    byte[] bytes = CatalogFile.write(next);
    try {
      folder.writeCatalogWhenFull(bytes);
    } catch (IOException e) {
      throw DiskFull.explain(folder.root(), "the catalog of images", bytes.length, e);
    }
    catalog = next;
    try {
      if (next.images().size() < before.images().size()) {
        sweepLayers(folder.layers());
        sweepDocuments();
      }
      folder.refillReserve();
    } catch (IOException e) {
      // They are not in the catalog any more; the next sweep gets them.
      log.atWarn().setCause(e).log("files of removed images cannot be deleted yet");
    }
  }

  /** After a pull that is not worth going on with. */
  synchronized void discard(Collection<Digest> layers) {
    try {
      sweepLayers(layers);
    } catch (IOException e) {
      log.atWarn().setCause(e).log("layers of a failed pull cannot be deleted yet");
    }
  }

  private synchronized void sweepLayers(Collection<Digest> candidates) throws IOException {
    Set<Digest> used = catalog.layersInUse();
    for (Digest layer : candidates) {
      if (!used.contains(layer) && !held.containsKey(layer)) {
        folder.deleteLayer(layer);
      }
    }
  }

  private synchronized void sweepDocuments() throws IOException {
    Set<Digest> used = catalog.documentsInUse();
    for (Digest document : folder.documents()) {
      if (!used.contains(document)) {
        folder.deleteDocument(document);
      }
    }
  }
}
