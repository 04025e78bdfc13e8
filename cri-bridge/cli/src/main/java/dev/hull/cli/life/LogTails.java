package dev.hull.cli.life;

import dev.hull.cli.kubelet.LogFollower;
import dev.hull.cli.terminal.ContainerOutput;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Passes on what a pod's containers print, from each of their starts on. */
public final class LogTails implements LifeListener, AutoCloseable {
  private final ContainerOutput output;
  private final UnaryOperator<String> prefix;
  private final Map<String, LogFollower> followed = new HashMap<>();

  /**
   * Follows nothing yet.
   *
   * @param prefix what the output calls a container
   */
  public LogTails(ContainerOutput output, UnaryOperator<String> prefix) {
    this.output = output;
    this.prefix = prefix;
  }

  @Override
  public void started(String container, int attempt, Path log) {
    String name = prefix.apply(container);
    LogFollower follower = new LogFollower(log, (stderr, line) -> output.line(name, stderr, line));
    LogFollower before = followed.put(container, follower);
    if (before != null) {
      before.close();
    }
  }

  @Override
  public void ended(String container, int attempt) {
    LogFollower follower = followed.remove(container);
    if (follower != null) {
      follower.close();
    }
  }

  /** Waits until all that is in the logs has been passed on. */
  @Override
  public void close() {
    followed.values().forEach(LogFollower::close);
    followed.clear();
  }
}
