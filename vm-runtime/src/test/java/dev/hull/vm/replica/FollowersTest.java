package dev.hull.vm.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real folders and real inotify. */
final class FollowersTest {
  @TempDir Path folder;

  private final FakeTarget target = new FakeTarget();
  private final Followers followers = new Followers(new FolderWatcher(), number -> target);
  private Path volume = Path.of("/nowhere");
  private AtomicWriter writer = noWriter();

  @SuppressWarnings("NullAway") // set before each test
  private static AtomicWriter noWriter() {
    return null;
  }

  @BeforeEach
  void makeVolume() throws Exception {
    volume = folder.resolve("volume");
    writer = new AtomicWriter(volume);
    target.source = volume;
  }

  @AfterEach
  void stop() {
    followers.close();
    followers.close();
  }

  /** Keeps what was published, and what the folder had at each staging. */
  private static final class FakeTarget implements ReplicaTarget {
    final List<String> published = new CopyOnWriteArrayList<>();
    @Nullable Path source;
    final AtomicInteger failures = new AtomicInteger();
    volatile @Nullable Runnable whileStaging;
    private volatile String staged = "";

    @Override
    public void stage(String data) {
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new MachineException(Kind.UNAVAILABLE, "the agent is away");
      }
      Runnable meanwhile = whileStaging;
      whileStaging = null;
      if (meanwhile != null) {
        meanwhile.run();
      }
      Path from = source;
      if (from == null || !Files.isDirectory(from.resolve(data))) {
        throw new MachineException(Kind.NOT_FOUND, "it is not there any more");
      }
      staged = data;
    }

    @Override
    public void publish(String data) {
      assertThat(data).isEqualTo(staged);
      published.add(data);
    }
  }

  private void write(String content) {
    try {
      writer.write(Map.of("key", content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitPublished(String... names) {
    Awaitility.await().untilAsserted(() -> assertThat(target.published).containsExactly(names));
  }

  @Test
  void theCopyHasTheContentFromItsStartAndEachLaterOne() throws Exception {
    String first = writer.write(Map.of("key", "1"));
    followers.start(0, volume);
    assertThat(target.published).containsExactly(first);
    String second = writer.write(Map.of("key", "2"));
    awaitPublished(first, second);
    String third = writer.write(Map.of("other", "3"));
    awaitPublished(first, second, third);
  }

  @Test
  void aContentThatIsReplacedWhileItIsCopiedIsNotShown() throws Exception {
    String first = writer.write(Map.of("key", "1"));
    target.whileStaging = () -> write("2");
    followers.start(0, volume);
    assertThat(target.published).doesNotContain(first).hasSize(1);
    String last = target.published.getFirst();
    target.whileStaging = () -> write("4");
    write("3");
    Awaitility.await().untilAsserted(() -> assertThat(target.published).hasSize(2));
    assertThat(target.published)
        .containsExactly(last, new AtomicFolder(volume).data().orElseThrow());
  }

  @Test
  void aCopyThatCannotBeMadeAtTheStartIsAnErrorAndNothingIsWatched() throws Exception {
    writer.write(Map.of("key", "1"));
    target.failures.set(1);
    assertThatThrownBy(() -> followers.start(0, volume)).hasMessage("the agent is away");
    write("2");
    followers.start(1, volume);
    assertThat(target.published).hasSize(1);
  }

  @Test
  void anUpdateThatFailsIsTriedAgain() throws Exception {
    String first = writer.write(Map.of("key", "1"));
    followers.start(0, volume);
    target.failures.set(2);
    String second = writer.write(Map.of("key", "2"));
    awaitPublished(first, second);
  }

  @Test
  void aSuccessorShowsWhatWasMissedAndFollows() throws Exception {
    String first = writer.write(Map.of("key", "1"));
    followers.start(0, volume);
    followers.close();
    String second = writer.write(Map.of("key", "2"));
    Followers successor = new Followers(new FolderWatcher(), number -> target);
    try (successor) {
      successor.resume(0, volume);
      awaitPublished(first, second);
      String third = writer.write(Map.of("key", "3"));
      awaitPublished(first, second, third);
    }
  }

  @Test
  void aFolderThatIsTakenAwayLeavesTheCopyAsItIs() throws Exception {
    String first = writer.write(Map.of("key", "1"));
    followers.start(0, volume);
    Files.delete(volume.resolve(AtomicFolder.DATA));
    Files.delete(volume.resolve(first).resolve("key"));
    Files.delete(volume.resolve(first));
    Files.delete(volume.resolve("key"));
    Files.delete(volume);
    followers.stop(0);
    followers.stop(0);
    assertThat(target.published).containsExactly(first);
  }

  @Test
  void twoCopiesOfOneFolderFollowAndEndEachForItself() throws Exception {
    FakeTarget other = new FakeTarget();
    other.source = volume;
    String first = writer.write(Map.of("key", "1"));
    Followers both = new Followers(new FolderWatcher(), number -> number == 0 ? target : other);
    try (both) {
      both.start(0, volume);
      both.start(1, volume);
      both.stop(0);
      String second = writer.write(Map.of("key", "2"));
      Awaitility.await()
          .untilAsserted(() -> assertThat(other.published).containsExactly(first, second));
      assertThat(target.published).containsExactly(first);
    }
  }

  @Test
  void aFolderThatCannotBeWatchedIsNamed() {
    assertThatThrownBy(() -> followers.start(0, folder.resolve("missing")))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("cannot watch " + folder.resolve("missing"));
  }
}
