package dev.hull.cli.command;

import picocli.CommandLine.Option;

/** Where a name is looked for. */
final class NamespaceOption {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description = "default, if not given.")
  String namespace = "default";
}
