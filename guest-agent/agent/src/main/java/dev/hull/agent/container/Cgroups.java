package dev.hull.agent.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The guest's cgroup v2 tree:
 *
 * <pre>
 *   /sys/fs/cgroup
 *     agent/          the agent itself
 *     pod/
 *       _pause/       PID 1 of the pod's PID namespace, if a container shares it
 *       ID/           one for each container
 * </pre>
 */
final class Cgroups {
  private static final List<String> CONTROLLERS =
      List.of("cpu", "cpuset", "hugetlb", "io", "memory", "pids");

  private final Path root;
  private final Path pod;

  /**
   * @param root {@code /sys/fs/cgroup}
   */
  Cgroups(Path root) {
    this.root = root;
    this.pod = root.resolve("pod");
  }

  /** Makes the tree. The agent goes into a cgroup of its own, so that its memory counts apart. */
  void prepare() throws IOException {
    Path agent = root.resolve("agent");
    Files.createDirectories(agent);
    Files.createDirectories(pod);
    Cgroup.write(agent.resolve("cgroup.procs"), "0");
    enableControllers(root);
    enableControllers(pod);
  }

  /** Turns on those that the kernel has. */
  private static void enableControllers(Path cgroup) throws IOException {
    Set<String> present =
        Set.of(Files.readString(cgroup.resolve("cgroup.controllers")).strip().split("\\s+"));
    List<String> enabled = new ArrayList<>();
    for (String controller : CONTROLLERS) {
      if (present.contains(controller)) {
        enabled.add("+" + controller);
      }
    }
    if (!enabled.isEmpty()) {
      Cgroup.write(cgroup.resolve("cgroup.subtree_control"), String.join(" ", enabled));
    }
  }

  /** The cgroup of all containers. */
  Path pod() {
    return pod;
  }

  /** The cgroup of a container, made if it is not there. */
  Cgroup create(String id) throws IOException {
    Path folder = pod.resolve(id);
    Files.createDirectories(folder);
    return new Cgroup(folder);
  }

  /** For the pause process; no container's id begins like this. */
  Cgroup createPause() throws IOException {
    return create("_pause");
  }

  /**
   * Where a further process of a container goes: its cgroup, or, if the container has divided that
   * up by itself, the one of its first process (the kernel wants processes in leaves only).
   */
  Path joined(Cgroup cgroup, Path processCgroupFile) {
    try {
      for (String line : Files.readAllLines(processCgroupFile)) {
        if (line.startsWith("0::/")) {
          Path own = root.resolve(line.substring("0::/".length())).normalize();
          return own.startsWith(cgroup.folder()) ? own : cgroup.folder();
        }
      }
    } catch (IOException e) {
      // It has exited, and joining its namespaces will say so.
      return cgroup.folder();
    }
    return cgroup.folder();
  }
}
