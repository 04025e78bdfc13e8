package dev.hull.agent.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicasTest {
  private static final String VOLUME = "volumes/3";

  @TempDir Path run;
  private Replicas replicas = new Replicas(Path.of("/nowhere"));
  private Path source = Path.of("/nowhere");
  private Path copy = Path.of("/nowhere");

  @BeforeEach
  void make() throws IOException {
    source = Files.createDirectories(run.resolve("share").resolve(VOLUME));
    replicas = new Replicas(run);
    copy = replicas.make(VOLUME);
  }

  private void content(String data, String file, String text) throws IOException {
    Path path = source.resolve(data).resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void show(String data) throws IOException {
    replicas.stage(VOLUME, data);
    replicas.publish(VOLUME, data);
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(copy)) {
      return entries.map(entry -> entry.getFileName().toString()).toList().stream();
    }
  }

  @Test
  void aCopyIsEmptyUntilItsContentIsShownAsAWhole() throws Exception {
    content("..1", "key", "one");
    content("..1", "deep/er/key", "two");
    assertThat(copy).isEmptyDirectory();
    replicas.stage(VOLUME, "..1");
    assertThat(copy.resolve("key")).doesNotExist();
    replicas.publish(VOLUME, "..1");
    assertThat(copy.resolve("key")).hasContent("one");
    assertThat(copy.resolve("deep/er/key")).hasContent("two");
    assertThat(Files.readSymbolicLink(copy.resolve("..data"))).isEqualTo(Path.of("..1"));
    assertThat(Files.readSymbolicLink(copy.resolve("deep"))).isEqualTo(Path.of("..data/deep"));
  }

  @Test
  void theNextContentTakesItsPlaceAndTheLastOneGoes() throws Exception {
    content("..1", "stays", "one");
    content("..1", "goes", "one");
    show("..1");
    content("..2", "stays", "two");
    content("..2", "comes", "two");
    show("..2");
    show("..2");
    assertThat(names()).containsExactlyInAnyOrder("..2", "..data", "stays", "comes");
    assertThat(copy.resolve("stays")).hasContent("two");
  }

  @Test
  void whoWatchesIsToldOfTheRename() throws Exception {
    content("..1", "key", "one");
    show("..1");
    content("..2", "key", "two");
    try (WatchService watch = copy.getFileSystem().newWatchService()) {
      copy.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      replicas.stage(VOLUME, "..2");
      replicas.publish(VOLUME, "..2");
      boolean told = false;
      while (!told) {
        WatchKey key = watch.poll(10, TimeUnit.SECONDS);
        assertThat(key).as("an event of the link ..data").isNotNull();
        told =
            key.pollEvents().stream().anyMatch(event -> Path.of("..data").equals(event.context()));
        key.reset();
      }
    }
  }

  @Test
  void modesOwnersAndLinksAreKept() throws Exception {
    content("..1", "key", "one");
    Path key = source.resolve("..1/key");
    Files.setAttribute(key, "unix:gid", 1234);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("r--r-----"));
    Files.setAttribute(source.resolve("..1"), "unix:mode", 02750);
    Files.setAttribute(source, "unix:mode", 03777);
    Files.createSymbolicLink(source.resolve("..1/link"), Path.of("/etc/shadow"));
    show("..1");
    assertThat(Files.readAttributes(copy.resolve("..1/key"), "unix:gid,mode"))
        .containsEntry("gid", 1234)
        .containsEntry("mode", 0100440);
    assertThat(Files.getAttribute(copy.resolve("..1"), "unix:mode")).isEqualTo(0042750);
    assertThat(Files.getAttribute(copy, "unix:mode")).isEqualTo(0043777);
    assertThat(Files.isSymbolicLink(copy.resolve("..1/link"))).as("not what it leads to").isTrue();
  }

  @Test
  void aContentThatIsNotThereAnyMoreIsSaidToBeAndNothingOfItIsKept() throws Exception {
    content("..1", "key", "one");
    show("..1");
    assertThatThrownBy(() -> replicas.stage(VOLUME, "..2"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    assertThatThrownBy(() -> replicas.publish(VOLUME, "..2"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(copy.resolve("key")).hasContent("one");
    assertThat(names()).containsExactlyInAnyOrder("..1", "..data", "key");
  }

  @Test
  void whatWasStagedInPartIsStagedAnew() throws Exception {
    Files.createDirectories(copy.resolve("..1"));
    Files.writeString(copy.resolve("..1/half"), "left by a call that was broken off");
    content("..1", "key", "one");
    show("..1");
    assertThat(names()).containsExactlyInAnyOrder("..1", "..data", "key");
    assertThat(copy.resolve("..1/half")).doesNotExist();
  }

  @Test
  void aCopyThatIsRemovedIsGone() throws Exception {
    content("..1", "key", "one");
    show("..1");
    replicas.remove(VOLUME);
    replicas.remove(VOLUME);
    assertThat(Files.exists(copy, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThatThrownBy(() -> replicas.stage(VOLUME, "..1"))
        .hasMessageContaining("there is no copy of volumes/3");
    assertThat(source.resolve("..1/key")).hasContent("one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "..data", "..data_tmp", "key", "../x", "..a/b", "..a\u0000b"})
  void aNameThatIsNoContentsIsRefused(String data) {
    assertThatThrownBy(() -> replicas.stage(VOLUME, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no name of a content");
    assertThatThrownBy(() -> replicas.publish(VOLUME, data))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
