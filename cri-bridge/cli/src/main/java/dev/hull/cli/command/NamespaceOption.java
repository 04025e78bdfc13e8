package dev.hull.cli.command;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a name is looked for, and where manifests go that do not say it. */
final class NamespaceOption {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description = "default, if not given.")
  Optional<String> given = Optional.empty();

  String namespace() {
    return given.orElse("default");
  }
}
