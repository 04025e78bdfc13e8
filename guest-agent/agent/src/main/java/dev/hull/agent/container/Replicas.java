package dev.hull.agent.container;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The copies of folders in the share, by their paths there. Safe for use by several threads. */
final class Replicas {
  private static final Pattern DATA =
      Pattern.compile("\\.\\.(?!data$|data_tmp$)[A-Za-z0-9_.-]{1,200}");

  private final Map<String, Replica> replicas = new ConcurrentHashMap<>();
  private final Path share;
  private final Path folder;

  /**
   * @param run {@code /run/hull}
   */
  Replicas(Path run) {
    this.share = run.resolve("share");
    this.folder = run.resolve("replicas");
  }

  /** Makes an empty one, and returns its folder; what was there under that path is removed. */
  Path make(String sharePath) throws IOException {
    remove(sharePath);
    Replica replica = new Replica(share.resolve(sharePath), folder.resolve(sharePath));
    replicas.put(sharePath, replica);
    return replica.folder();
  }

  /** Does nothing if there is none. */
  void remove(String sharePath) throws IOException {
    Replica replica = replicas.get(sharePath);
    if (replica != null) {
      synchronized (replica) {
        replica.remove();
        replicas.remove(sharePath, replica);
      }
    }
  }

  void stage(String sharePath, String data) throws IOException {
    Replica replica = get(sharePath, data);
    synchronized (replica) {
      demandPresent(sharePath, replica);
      try {
        replica.stage(data);
      } catch (NoSuchFileException e) {
        throw Status.NOT_FOUND
            .withDescription("%s of %s is not whole: %s".formatted(data, sharePath, e.getMessage()))
            .withCause(e)
            .asRuntimeException();
      }
    }
  }

  void publish(String sharePath, String data) throws IOException {
    Replica replica = get(sharePath, data);
    synchronized (replica) {
      demandPresent(sharePath, replica);
      replica.publish(data);
    }
  }

  private Replica get(String sharePath, String data) {
    if (!DATA.matcher(data).matches()) {
      throw new IllegalArgumentException("no name of a content: " + SpecCheck.shown(data));
    }
    Replica replica = replicas.get(sharePath);
    if (replica == null) {
      throw none(sharePath);
    }
    return replica;
  }

  /** It may have been removed while its lock was waited for. */
  private void demandPresent(String sharePath, Replica replica) {
    if (!replica.equals(replicas.get(sharePath))) {
      throw none(sharePath);
    }
  }

  private static RuntimeException none(String sharePath) {
    return Status.NOT_FOUND
        .withDescription("there is no copy of " + SpecCheck.shown(sharePath))
        .asRuntimeException();
  }
}
