package dev.hull.cli.manifest;

import dev.hull.cli.manifest.ManifestException.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What reading a file has found: what is wrong, and what is right but says nothing here. */
final class Findings {
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> unused = new LinkedHashSet<>();

  void problem(int line, String message) {
    problems.add(new Problem(line, message));
  }

  void unused(String path) {
    unused.add(path);
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  ManifestException exception(String file) {
    return new ManifestException(
        file, problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList());
  }

  /** The paths of fields without effect, in the order of the file. */
  List<String> unused() {
    return List.copyOf(unused);
  }
}
