package dev.hull.images.store;

import dev.hull.images.registry.RegistryConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Stores whose layers are the tars themselves: what comes in comes out, to be compared. */
final class StoreFixture {
  static final RegistryConfig.Patience QUICK =
      new RegistryConfig.Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(300),
          3,
          Duration.ofMillis(5));
  static final RegistryConfig CONFIG =
      new RegistryConfig(Map.of(), Set.of(), Map.of(), Map.of(), QUICK);

  private StoreFixture() {}

  static final Function<Path, LayerWriter> COPY =
      scratch ->
          (tar, file) -> {
            try (var out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
              tar.transferTo(out);
            }
          };

  static ImageStore open(Path folder) {
    return open(folder, CONFIG, Limits.DEFAULT);
  }

  static ImageStore open(Path folder, RegistryConfig config, Limits limits) {
    return new ImageStore(folder, config, limits, InstantSource.system(), COPY);
  }

  /** Names of the files in a folder of the store. */
  static List<String> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
