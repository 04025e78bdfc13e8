package dev.hull.cli.supervisor;

import dev.hull.cli.life.Surroundings;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.supervisor.Spool.Wanted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes what is wanted in a {@link Spool} so. It lives in the process of {@code hull serve}, as a
 * client of the daemon there; pods of other clients (a kubelet's) are none of its business. Closing
 * it leaves the pods running, and the next one on the same spool goes on with them.
 */
public final class Supervisor implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration END = Duration.ofSeconds(10);

  private final Spool spool;
  private final Path link;
  private final FileChannel lock;
  private final Surroundings around;
  private final Thread thread;
  private final Map<Thing, Thread> keepers = new HashMap<>();
  private final Set<String> unreadable = new HashSet<>();

  private Supervisor(Spool spool, Path link, FileChannel lock, Surroundings around) {
    this.spool = spool;
    this.link = link;
    this.lock = lock;
    this.around = around;
    this.thread = Thread.ofVirtual().name("supervisor").unstarted(this::run);
  }

  /**
   * Starts one.
   *
   * @param socket the daemon's, beside which a link will lead to the spool
   * @param surroundings from the objects that were applied
   * @throws IOException if there is one on this spool already
   */
  public static Supervisor start(
      Spool spool,
      Path socket,
      Function<Objects, Surroundings> surroundings,
      Consumer<String> complaints)
      throws IOException {
    Optional<FileChannel> lock = spool.take();
    if (lock.isEmpty()) {
      throw new IOException("another hull serve looks after the pods in " + spool.folder());
    }
    Path link = Spool.link(socket);
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, spool.folder());
    Supervisor supervisor =
        new Supervisor(
            spool, link, lock.get(), surroundings.apply(new SpoolObjects(spool, complaints)));
    supervisor.thread.start();
    return supervisor;
  }

  private void run() {
    try {
      while (true) {
        for (Thing key : spool.list(Spool.POD)) {
          Thread keeper = keepers.get(key);
          if (keeper == null || !keeper.isAlive()) {
            keep(key);
          }
        }
        around.time().sleep(LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keep(Thing key) {
    try {
      Optional<Wanted> wanted = spool.wanted(key);
      if (wanted.isPresent()) {
        Keeper keeper = new Keeper(spool, key, wanted.get(), around);
        keepers.put(
            key,
            Thread.ofVirtual()
                .name("pod " + key.namespace() + "/" + key.name())
                .start(keeper::run));
      }
    } catch (IOException e) {
      if (unreadable.add(key.toString())) {
        around.complaints().accept("cannot look after " + key.name() + ": " + e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(END);
      keepers.values().forEach(Thread::interrupt);
      for (Thread keeper : keepers.values()) {
        keeper.join(END);
      }
      Files.deleteIfExists(link);
      lock.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      around.complaints().accept("cannot leave " + spool.folder() + ": " + e.getMessage());
    }
  }
}
