package dev.hull.cri.bridge.store;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.PodSandboxMetadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names taken by sandboxes (their whole metadata) and by containers (name and attempt within their
 * sandbox), from before they are made until they are removed: so two calls for the same thing do
 * not make it twice.
 */
public final class Names {
  private final Map<String, String> owners = new ConcurrentHashMap<>();

  static String of(PodSandboxMetadata metadata) {
    return String.join(
        "_",
        "sandbox",
        metadata.getName(),
        metadata.getNamespace(),
        metadata.getUid(),
        Integer.toUnsignedString(metadata.getAttempt()));
  }

  static String of(String sandboxId, ContainerMetadata metadata) {
    return String.join(
        "_",
        "container",
        metadata.getName(),
        Integer.toUnsignedString(metadata.getAttempt()),
        sandboxId);
  }

  /** Closing it gives the name back, unless {@link #keep} was called. */
  public final class Reservation implements AutoCloseable {
    private final String name;
    private boolean kept;

    private Reservation(String name) {
      this.name = name;
    }

    public void keep() {
      kept = true;
    }

    @Override
    public void close() {
      if (!kept) {
        owners.remove(name);
      }
    }
  }

  public Reservation reserve(String id, PodSandboxMetadata metadata) {
    return reserve(id, of(metadata), "pod sandbox");
  }

  public Reservation reserve(String id, String sandboxId, ContainerMetadata metadata) {
    return reserve(id, of(sandboxId, metadata), "container");
  }

  private Reservation reserve(String id, String name, String kind) {
    String owner = owners.putIfAbsent(name, id);
    if (owner != null) {
      throw Refusal.exists(
          "the name %s is taken by the %s %s; remove it first, or use the next attempt"
              .formatted(name, kind, owner));
    }
    return new Reservation(name);
  }

  /** Takes a name for something that already is. */
  void adopt(String id, String name) {
    owners.put(name, id);
  }

  void release(String name) {
    owners.remove(name);
  }
}
