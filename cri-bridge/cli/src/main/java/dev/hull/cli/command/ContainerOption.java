package dev.hull.cli.command;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Which of a pod's containers is meant. */
final class ContainerOption {
  @Option(
      names = {"-c", "--container"},
      paramLabel = "CONTAINER",
      description = "This container (default: the first that runs).")
  Optional<String> name = Optional.empty();
}
