package dev.hull.agent.stats;

import dev.hull.guest.v1.LayerStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a container wrote, measured by walking through it: in the background, one walk at a time,
 * and so seldom that walks take no more than a twentieth of a CPU. Who asks gets the last
 * measurement and how old it is; the first is waited for, but not for long.
 */
public final class WritableLayer {
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final int REST = 20;

  private final Path folder;
  private final FileSystems files;
  private CompletableFuture<Measured> walk = CompletableFuture.completedFuture(Measured.NEVER);
  private Measured last = Measured.NEVER;

  public WritableLayer(Path folder, FileSystems files) {
    this.folder = folder;
    this.files = files;
  }

  private record Measured(Optional<TreeUsage> usage, long atNanos, long tookNanos) {
    static final Measured NEVER = new Measured(Optional.empty(), 0, 0);

    boolean isOld(long now) {
      return usage.isEmpty() || now - atNanos > Math.max(FRESH.toNanos(), tookNanos * REST);
    }

    Optional<LayerStats> told(long now) {
      return usage.map(
          size ->
              LayerStats.newBuilder()
                  .setBytes(size.bytes())
                  .setInodes(size.inodes())
                  .setAgeMillis(Duration.ofNanos(now - atNanos).toMillis())
                  .build());
    }
  }

  /** Empty while there is no measurement yet. */
  Optional<LayerStats> measured() {
    CompletableFuture<Measured> first;
    synchronized (this) {
      long now = System.nanoTime();
      if (walk.isDone() && last.isOld(now)) {
        walk = new CompletableFuture<>();
        Thread.ofVirtual().name("layer-size").start(this::walk);
      }
      if (last.usage().isPresent()) {
        return last.told(now);
      }
      first = walk;
    }
    try {
      return first.get(FIRST.toMillis(), TimeUnit.MILLISECONDS).told(System.nanoTime());
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private void walk() {
    long began = System.nanoTime();
    Optional<TreeUsage> usage;
    try {
      usage = Optional.of(TreeUsage.measure(folder, files));
    } catch (IOException | RuntimeException e) {
      // The container is being removed, or made a tree that is too deep to be walked.
      usage = Optional.empty();
    }
    long now = System.nanoTime();
    Measured measured = new Measured(usage, now, now - began);
    synchronized (this) {
      last = measured;
      walk.complete(measured);
    }
  }
}
