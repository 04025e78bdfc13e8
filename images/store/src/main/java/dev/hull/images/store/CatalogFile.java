package dev.hull.images.store;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.Fields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The catalog as JSON, with a version. */
final class CatalogFile {
  private static final long VERSION = 1;

  private CatalogFile() {}

  static byte[] write(Catalog catalog) {
    JsonArray images = new JsonArray();
    for (Catalog.Entry entry : catalog.images().values()) {
      JsonArray layers = new JsonArray();
      for (Catalog.Layer layer : entry.layers()) {
        layers.add(sized(layer.diffId(), layer.size()));
      }
      JsonArray documents = new JsonArray();
      entry.documents().forEach((digest, size) -> documents.add(sized(digest, size)));
      JsonObject image = new JsonObject();
      image.addProperty("id", entry.id().value());
      image.add("layers", layers);
      image.add("documents", documents);
      images.add(image);
    }
    JsonObject names = new JsonObject();
    catalog.names().forEach((name, id) -> names.addProperty(name, id.value()));
    JsonObject pins = new JsonObject();
    catalog
        .pins()
        .forEach(
            (owner, ids) -> {
              JsonArray pinned = new JsonArray();
              ids.forEach(id -> pinned.add(id.value()));
              pins.add(owner, pinned);
            });
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.add("images", images);
    root.add("names", names);
    root.add("pins", pins);
    return new GsonBuilder()
        .setPrettyPrinting()
        .create()
        .toJson(root)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static JsonObject sized(Digest digest, long size) {
    JsonObject object = new JsonObject();
    object.addProperty("digest", digest.value());
    object.addProperty("size", size);
    return object;
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws ImageException INVALID, with the field
   */
  static Catalog read(byte[] bytes) {
    Fields root = Fields.parse(bytes, "catalog");
    long version = root.size("version");
    if (version != VERSION) {
      throw new ImageException(
          Kind.INVALID, "catalog has version " + version + ", and this program reads " + VERSION);
    }
    SortedMap<Digest, Catalog.Entry> images = new TreeMap<>();
    for (Fields image : root.objects("images")) {
      List<Catalog.Layer> layers = new ArrayList<>();
      for (Fields layer : image.objects("layers")) {
        layers.add(new Catalog.Layer(layer.digest("digest"), layer.size("size")));
      }
      SortedMap<Digest, Long> documents = new TreeMap<>();
      for (Fields document : image.objects("documents")) {
        documents.put(document.digest("digest"), document.size("size"));
      }
      Digest id = image.digest("id");
      images.put(id, new Catalog.Entry(id, layers, documents));
    }
    SortedMap<String, Digest> names = new TreeMap<>();
    Fields named = root.object("names");
    for (String name : named.names()) {
      names.put(name, named.digest(name));
    }
    SortedMap<String, SortedSet<Digest>> pins = new TreeMap<>();
    Fields pinned = root.object("pins");
    for (String owner : pinned.names()) {
      pins.put(owner, new TreeSet<>(pinned.digests(owner)));
    }
    return new Catalog(images, names, pins);
  }
}
