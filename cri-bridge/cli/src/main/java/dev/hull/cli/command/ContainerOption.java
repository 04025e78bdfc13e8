package dev.hull.cli.command;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Which of a pod's containers is meant. */
final class ContainerOption {
  @Option(
      names = {"-c", "--container"},
      paramLabel = "CONTAINER",
      description =
          "This container (default: what the annotation kubectl.kubernetes.io/default-container names,"
              + " or else the first that is no init container).")
  Optional<String> name = Optional.empty();
}
