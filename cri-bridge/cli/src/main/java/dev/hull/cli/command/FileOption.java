package dev.hull.cli.command;

import java.util.List;
import picocli.CommandLine.Option;

/** Which manifests. */
final class FileOption {
  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "Manifests, YAML or JSON, or folders of them; - for standard input.")
  List<String> files = List.of();
}
