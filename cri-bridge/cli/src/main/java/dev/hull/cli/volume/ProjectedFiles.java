package dev.hull.cli.volume;

import com.google.protobuf.ByteString;
import dev.hull.cli.config.Downward;
import dev.hull.cli.config.MissingException;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Secret;
import dev.hull.cli.pod.Volume.Item;
import dev.hull.cli.pod.Volume.Projected;
import dev.hull.cli.pod.Volume.Source;
import dev.hull.cli.volume.AtomicWriter.Payload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The files of a projected volume, from what its sources are now. */
final class ProjectedFiles {
  private final Pod pod;
  private final Objects objects;
  private final Downward downward;

  ProjectedFiles(Pod pod, Objects objects, Downward downward) {
    this.pod = pod;
    this.objects = objects;
    this.downward = downward;
  }

  Map<String, Payload> of(Projected volume) throws MissingException {
    Map<String, Payload> files = new TreeMap<>();
    for (Source source : volume.sources()) {
      switch (source) {
        case Source.OfConfigMap from ->
            keys(
                files,
                volume,
                objects.configMap(pod.namespace(), from.configMap()).map(ConfigMap::data),
                "ConfigMap " + from.configMap(),
                from.items(),
                from.optional());
        case Source.OfSecret from ->
            keys(
                files,
                volume,
                objects.secret(pod.namespace(), from.secret()).map(Secret::data),
                "Secret " + from.secret(),
                from.items(),
                from.optional());
        case Source.OfField from ->
            put(files, volume, from.path(), downward.field(from.field()), from.mode());
        case Source.OfResource from ->
            put(
                files,
                volume,
                from.path(),
                downward.resource(pod.containers().getFirst(), from.resource()),
                from.mode());
      }
    }
    return files;
  }

  private static void put(
      Map<String, Payload> files,
      Projected volume,
      String path,
      String text,
      Optional<Integer> mode) {
    files.put(path, new Payload(ByteString.copyFromUtf8(text), mode.orElse(volume.defaultMode())));
  }

  private static void keys(
      Map<String, Payload> files,
      Projected volume,
      Optional<Map<String, ByteString>> data,
      String what,
      List<Item> items,
      boolean optional)
      throws MissingException {
    if (data.isEmpty()) {
      if (optional) {
        return;
      }
      throw new MissingException("volume " + volume.name() + ": " + what + " is not there");
    }
    if (items.isEmpty()) {
      data.get().forEach((key, value) -> files.put(key, new Payload(value, volume.defaultMode())));
    }
    for (Item item : items) {
      ByteString value = data.get().get(item.key());
      if (value != null) {
        files.put(item.path(), new Payload(value, item.mode().orElse(volume.defaultMode())));
      } else if (!optional) {
        throw new MissingException(
            "volume " + volume.name() + ": " + what + " has no key " + item.key());
      }
    }
  }
}
