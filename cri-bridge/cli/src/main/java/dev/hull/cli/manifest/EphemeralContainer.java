package dev.hull.cli.manifest;

import com.google.gson.JsonObject;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A container that is added to a pod that runs: one of {@code spec.ephemeralContainers}.
 *
 * @param source as the API has it
 */
public record EphemeralContainer(Container container, JsonObject source) {
  /**
   * Reads one.
   *
   * @throws ManifestException with everything that is wrong with it, or with its place in the pod
   */
  public static EphemeralContainer of(Pod pod, JsonObject source) throws ManifestException {
    Findings findings = new Findings();
    List<Node> roots = new YamlReader("ephemeral container").read(source.toString());
    if (!(roots.getFirst() instanceof Node.Mapping mapping)) {
      throw new IllegalArgumentException("an object is read as a mapping");
    }
    Fields fields = new Fields("", mapping, findings);
    ContainerParser parser =
        new ContainerParser(
            pod.volumes(), pod.volumes().stream().map(Volume::name).collect(Collectors.toSet()));
    Container container = parser.ephemeral(fields);
    Names.LABEL.check(fields, "name", container.name());
    List<String> others = pod.everyContainer().map(Container::name).toList();
    if (others.contains(container.name())) {
      fields.problem("name", ": " + container.name() + " is the name of another container");
    }
    container
        .target()
        .filter(target -> !others.contains(target))
        .ifPresent(
            target ->
                fields.problem(
                    "targetContainerName",
                    ": the pod %s has no container %s; it has: %s"
                        .formatted(pod.name(), target, String.join(", ", others))));
    if (container.mounts().stream().anyMatch(mount -> !mount.subPath().isEmpty())) {
      fields.problem("volumeMounts", ": subPath cannot be set for an Ephemeral Container");
    }
    if (findings.hasProblems()) {
      throw findings.exception("ephemeral container");
    }
    return new EphemeralContainer(container, source);
  }
}
