package dev.hull.images.store;

import dev.hull.images.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which images there are, what they are called, and who keeps them. A value: a change makes another
 * catalog, which counts when it is on disk.
 *
 * @param names complete references, each of one image
 * @param pins by owner
 */
record Catalog(
    SortedMap<Digest, Entry> images,
    SortedMap<String, Digest> names,
    SortedMap<String, SortedSet<Digest>> pins) {
  static final Catalog EMPTY = new Catalog(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  /**
   * An image.
   *
   * @param id also names its config among the documents
   * @param documents its config and its manifests
   */
  record Entry(Digest id, List<Layer> layers, SortedMap<Digest, Long> documents) {
    Entry {
      layers = List.copyOf(layers);
    }

    /** Each layer once, however often the image has it. */
    long sizeBytes() {
      return Set.copyOf(layers).stream().mapToLong(Layer::size).sum()
          + documents.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  record Layer(Digest diffId, long size) {}

  /** Names that another image had go over to this one. */
  Catalog with(Entry image, Collection<String> newNames) {
    SortedMap<Digest, Entry> otherImages = new TreeMap<>(images);
    Entry known = images.get(image.id());
    if (known != null) {
      // Another manifest of the same config: both stay good names for it.
      SortedMap<Digest, Long> documents = new TreeMap<>(known.documents());
      documents.putAll(image.documents());
      image = new Entry(image.id(), image.layers(), documents);
    }
    otherImages.put(image.id(), image);
    SortedMap<String, Digest> otherNames = new TreeMap<>(names);
    for (String name : newNames) {
      otherNames.put(name, image.id());
    }
    return new Catalog(otherImages, otherNames, pins);
  }

  Catalog withoutNames(Collection<String> gone) {
    SortedMap<String, Digest> otherNames = new TreeMap<>(names);
    otherNames.keySet().removeAll(gone);
    return new Catalog(images, otherNames, pins);
  }

  /** With its names and its pins. */
  Catalog withoutImage(Digest id) {
    SortedMap<Digest, Entry> otherImages = new TreeMap<>(images);
    otherImages.remove(id);
    SortedMap<String, SortedSet<Digest>> otherPins = new TreeMap<>();
    pins.forEach(
        (owner, ids) -> {
          SortedSet<Digest> others = new TreeSet<>(ids);
          others.remove(id);
          if (!others.isEmpty()) {
            otherPins.put(owner, others);
          }
        });
    return new Catalog(otherImages, names, otherPins).withoutNames(namesOf(id));
  }

  Catalog withPin(Digest id, String owner) {
    SortedMap<String, SortedSet<Digest>> otherPins = new TreeMap<>(pins);
    SortedSet<Digest> ids = new TreeSet<>(pins.getOrDefault(owner, new TreeSet<>()));
    ids.add(id);
    otherPins.put(owner, ids);
    return new Catalog(images, names, otherPins);
  }

  Catalog withoutPins(String owner) {
    SortedMap<String, SortedSet<Digest>> otherPins = new TreeMap<>(pins);
    otherPins.remove(owner);
    return new Catalog(images, names, otherPins);
  }

  List<String> namesOf(Digest id) {
    List<String> found = new ArrayList<>();
    names.forEach(
        (name, image) -> {
          if (image.equals(id)) {
            found.add(name);
          }
        });
    return found;
  }

  List<String> ownersOf(Digest id) {
    return pins.entrySet().stream()
        .filter(pin -> pin.getValue().contains(id))
        .map(Map.Entry::getKey)
        .toList();
  }

  Set<Digest> layersInUse() {
    Set<Digest> used = new HashSet<>();
    images.values().forEach(image -> image.layers().forEach(layer -> used.add(layer.diffId())));
    return used;
  }

  Set<Digest> documentsInUse() {
    Set<Digest> used = new HashSet<>();
    images.values().forEach(image -> used.addAll(image.documents().keySet()));
    return used;
  }
}
