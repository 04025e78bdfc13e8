package dev.hull.cli.manifest;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The manifest cannot be run. One sentence a problem, each as {@code pod.yaml:12:
 * spec.containers[0].imagee: unknown field; did you mean image?}.
 */
public final class ManifestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  ManifestException(String file, List<Problem> problems) {
    super(
        problems.stream()
            .map(problem -> file + ":" + problem.line() + ": " + problem.message())
            .collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, in the order of the file. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * {@code line} counts from 1; {@code message} begins with the path of the field, if it has one.
   */
  public record Problem(int line, String message) {}
}
