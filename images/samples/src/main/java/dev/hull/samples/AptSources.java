package dev.hull.samples;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The machine's own package sources, as far as they are of one Debian release: what the machine
 * trusts and reaches is what the samples are made from. Other repositories of the machine are left
 * out.
 *
 * @param oneLine entries in the form of {@code sources.list}
 * @param stanzas entries in the form of {@code *.sources}
 */
record AptSources(List<String> oneLine, List<String> stanzas) {
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern EMPTY_LINES = Pattern.compile("\n[ \t]*\n");

  /**
   * @param apt {@code /etc/apt}
   * @param codename of the release, for example {@code bookworm}
   */
  static AptSources read(Path apt, String codename) throws IOException {
    Set<String> suites = Set.of(codename, codename + "-updates", codename + "-security");
    List<String> oneLine = new ArrayList<>();
    List<String> stanzas = new ArrayList<>();
    for (Path file : files(apt)) {
      String text = Files.readString(file);
      if (file.toString().endsWith(".sources")) {
        EMPTY_LINES
            .splitAsStream(text)
            .map(AptSources::withoutComments)
            .filter(stanza -> isOf(stanza, suites))
            .forEach(stanzas::add);
      } else {
        text.lines()
            .map(String::strip)
            .filter(line -> isLineOf(line, suites))
            .forEach(oneLine::add);
      }
    }
    if (oneLine.isEmpty() && stanzas.isEmpty()) {
      throw new SampleException(
          "no package source in "
              + apt
              + " is of Debian "
              + codename
              + "; add one, then try again");
    }
    return new AptSources(List.copyOf(oneLine), List.copyOf(stanzas));
  }

  /** Writes files that mmdebstrap takes for its mirrors. */
  List<Path> write(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    if (!oneLine.isEmpty()) {
      files.add(Files.writeString(folder.resolve("host.list"), String.join("\n", oneLine) + "\n"));
    }
    if (!stanzas.isEmpty()) {
      files.add(
          Files.writeString(folder.resolve("host.sources"), String.join("\n\n", stanzas) + "\n"));
    }
    return files;
  }

  private static List<Path> files(Path apt) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.exists(apt.resolve("sources.list"))) {
      files.add(apt.resolve("sources.list"));
    }
    Path parts = apt.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      List<Path> found = new ArrayList<>();
      try (DirectoryStream<Path> all = Files.newDirectoryStream(parts, "*.{list,sources}")) {
        all.forEach(found::add);
      }
      Collections.sort(found);
      files.addAll(found);
    }
    return files;
  }

  private static boolean isLineOf(String line, Set<String> suites) {
    List<String> words = words(line.replaceFirst("\\[[^\\]]*\\]", ""));
    return words.size() >= 3 && words.getFirst().equals("deb") && suites.contains(words.get(2));
  }

  private static List<String> words(String text) {
    return SPACES.splitAsStream(text.strip()).filter(word -> !word.isEmpty()).toList();
  }

  private static boolean isOf(String stanza, Set<String> suites) {
    List<String> types = field(stanza, "Types");
    List<String> named = field(stanza, "Suites");
    return types.contains("deb")
        && !named.isEmpty()
        && suites.containsAll(named)
        && !field(stanza, "Enabled").contains("no");
  }

  private static String withoutComments(String stanza) {
    return stanza
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .collect(Collectors.joining("\n"));
  }

  private static List<String> field(String stanza, String name) {
    return stanza
        .lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .flatMap(line -> words(line.substring(name.length() + 1)).stream())
        .toList();
  }
}
