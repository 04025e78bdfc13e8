package dev.hull.samples;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * {@code Main OUT_DIR [NAME…]} makes OUT_DIR an OCI layout with the sample images of these names,
 * or with all. Wants root, Debian 12, and the machine's apt sources.
 */
public final class Main {
  /** Goes up with every change of what is in the images. */
  private static final String RECIPE = "2";

  private final Path root;
  private final PrintStream out;

  /**
   * @param root the machine's, for its apt and its cache
   */
  Main(Path root, PrintStream out) {
    this.root = root;
    this.out = out;
  }

  public static void main(String[] args) throws IOException {
    if (args.length == 0 || args[0].startsWith("-")) {
      System.err.println("usage: OUT_DIR [" + names() + "]…");
      System.exit(2);
    }
    try {
      List<String> chosen = Arrays.asList(args).subList(1, args.length);
      new Main(Path.of("/"), System.out).make(Path.of(args[0]), chosen);
    } catch (SampleException e) {
      System.err.println("samples: " + e.getMessage());
      System.exit(1);
    }
  }

  void make(Path target, List<String> chosen) throws IOException {
    List<Sample> samples = samples(chosen);
    String codename = codename();
    AptSources sources = AptSources.read(root.resolve("etc/apt"), codename);
    Path cache = root.resolve("var/cache/hull/samples");
    Files.createDirectories(cache);
    boolean[] made = {false};
    Path layout =
        new SampleCache(cache)
            .get(
                key(samples, sources, cache),
                (work, result) -> {
                  made[0] = true;
                  new SampleImages(codename, sources, line -> out.println("samples: " + line))
                      .make(samples, work, result);
                });
    SampleCache.copy(layout, target);
    out.println(
        "samples: "
            + samples.stream().map(Sample::reference).collect(Collectors.joining(", "))
            + (made[0] ? " made in " : " unchanged in ")
            + target);
  }

  static List<Sample> samples(List<String> chosen) {
    List<Sample> samples = new ArrayList<>();
    for (String name : chosen) {
      Optional<Sample> sample =
          Sample.ALL.stream().filter(candidate -> candidate.name().equals(name)).findFirst();
      samples.add(
          sample.orElseThrow(
              () ->
                  new SampleException(
                      "there is no sample image \"" + name + "\"; there are " + names())));
    }
    return samples.isEmpty() ? Sample.ALL : samples.stream().distinct().toList();
  }

  private static String names() {
    return Sample.ALL.stream().map(Sample::name).collect(Collectors.joining(", "));
  }

  private String codename() throws IOException {
    Properties release = new Properties();
    try (var reader = Files.newBufferedReader(root.resolve("etc/os-release"))) {
      release.load(reader);
    }
    String id = release.getProperty("ID", "").replace("\"", "");
    String version = release.getProperty("VERSION_ID", "").replace("\"", "");
    if (!id.equals("debian") || !version.equals("12")) {
      throw new SampleException(
          "the sample images are Debian 12, made from its own sources; this machine is "
              + id
              + " "
              + version);
    }
    return release.getProperty("VERSION_CODENAME", "bookworm").replace("\"", "");
  }

  /** Versions are what apt would install now; without lists of packages the recipe alone counts. */
  private static String key(List<Sample> samples, AptSources sources, Path cache) {
    List<String> packages = new ArrayList<>(List.of("apt-cache", "policy", "base-files", "libc6"));
    samples.forEach(sample -> packages.addAll(sample.packages()));
    String candidates =
        new Commands(cache)
            .tryRead(packages)
            .lines()
            .filter(line -> !line.startsWith(" ") || line.contains("Candidate:"))
            .collect(Collectors.joining("\n"));
    List<String> parts = new ArrayList<>(List.of(RECIPE, System.getProperty("os.arch")));
    parts.add(samples.toString());
    parts.add(sources.toString());
    parts.add(candidates);
    return SampleCache.key(parts);
  }
}
