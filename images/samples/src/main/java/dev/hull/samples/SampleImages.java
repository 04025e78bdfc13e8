package dev.hull.samples;

import dev.hull.images.layout.Compression;
import dev.hull.images.layout.LayoutWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Makes a layout with sample images: one base layer for all, and one for each. */
final class SampleImages {
  /** No file of a layer is younger; packages that are get this time. */
  private static final long EPOCH = 1_767_225_600; // 2026-01-01

  private final String codename;
  private final AptSources sources;
  private final Consumer<String> progress;

  SampleImages(String codename, AptSources sources, Consumer<String> progress) {
    this.codename = codename;
    this.sources = sources;
    this.progress = progress;
  }

  /**
   * @param work an empty folder, which is not cleaned up
   * @param layout a folder that is not there yet
   */
  void make(List<Sample> samples, Path work, Path layout) throws IOException {
    Commands commands = new Commands(Files.createDirectories(work.resolve("logs")));
    List<Path> mirrors = sources.write(work);
    DebianTree base =
        step(
            "Debian " + codename + " bootstrapped",
            () -> DebianTree.bootstrap(work.resolve("base"), codename, mirrors, EPOCH, commands));
    Map<Sample, DebianTree> trees = new LinkedHashMap<>();
    for (Sample sample : samples) {
      trees.put(
          sample,
          step(
              sample.name() + ": " + String.join(", ", sample.packages()) + " installed",
              () -> tree(sample, base, work)));
    }
    base.clean();
    LayoutWriter writer =
        LayoutWriter.create(layout, LayoutWriter.architectureOf(System.getProperty("os.arch")));
    LayoutWriter.Layer baseLayer =
        step(
            "base layer packed",
            () ->
                writer.layer(
                    tar(base.root(), TreeDiff.all(base.root(), EPOCH), work, "base", commands),
                    Compression.GZIP));
    for (Map.Entry<Sample, DebianTree> entry : trees.entrySet()) {
      Sample sample = entry.getKey();
      Path tree = entry.getValue().root();
      LayoutWriter.Layer layer =
          step(
              sample.name() + " layer packed",
              () ->
                  writer.layer(
                      tar(
                          tree,
                          sample.kind() == Sample.Kind.ON_BASE
                              ? TreeDiff.between(base.root(), tree, EPOCH)
                              : TreeDiff.all(tree, EPOCH),
                          work,
                          sample.name(),
                          commands),
                      Compression.ZSTD));
      writer.image(
          sample.reference(),
          sample.kind() == Sample.Kind.ON_BASE ? List.of(baseLayer, layer) : List.of(layer),
          sample.config());
    }
    writer.finish();
  }

  private static DebianTree tree(Sample sample, DebianTree base, Path work) throws IOException {
    Path root = work.resolve("tree-" + sample.name());
    Path configFile = work.resolve(sample.name() + ".apt.conf");
    DebianTree tree;
    if (sample.kind() == Sample.Kind.ON_BASE) {
      tree = base.copy(root);
      tree.install(sample.packages(), configFile, EPOCH);
      tree.clean();
    } else {
      tree = base.alone(root);
      base.unpack(sample.packages(), configFile, tree.root());
      Folders.delete(tree.root().resolve("usr"));
    }
    if (sample.kind() == Sample.Kind.WITH_WAR) {
      Path api = Files.createDirectory(work.resolve("servlet-api"));
      base.unpack(List.of(WarFile.API_PACKAGE), work.resolve("api.apt.conf"), api);
      WarFile.write(tree.root().resolve("sample.war"), api, work.resolve("war"), EPOCH);
    }
    for (Map.Entry<String, String> file : sample.files().entrySet()) {
      Files.writeString(tree.root().resolve(file.getKey()), file.getValue());
    }
    for (Map.Entry<String, String> link : sample.links().entrySet()) {
      Files.deleteIfExists(tree.root().resolve(link.getKey()));
      Files.createSymbolicLink(tree.root().resolve(link.getKey()), Path.of(link.getValue()));
    }
    return tree;
  }

  private static DiffTar tar(Path tree, TreeDiff diff, Path work, String name, Commands commands)
      throws IOException {
    Path scratch = Files.createDirectory(work.resolve("tar-" + name));
    return new DiffTar(tree, diff, EPOCH, scratch, commands);
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T step(String what, Step<T> step) throws IOException {
    long start = System.nanoTime();
    T result = step.run();
    double seconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 1000.0;
    progress.accept(String.format(Locale.ROOT, "%s (%.1f s)", what, seconds));
    return result;
  }
}
