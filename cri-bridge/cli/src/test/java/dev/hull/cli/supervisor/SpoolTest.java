package dev.hull.cli.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.EphemeralContainer;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.supervisor.Spool.Applied;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.supervisor.Spool.Wanted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpoolTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Thing WEB = new Thing("Pod", "default", "web");

  @TempDir private Path folder;

  private static Document pod(String image) throws Exception {
    return Manifest.parse(
            "p",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: [{name: a, image: "%s"}], volumes: [{name: s, secret: {secretName: s, defaultMode: 0400}}]}
            """
                .formatted(image))
        .documents()
        .getFirst();
  }

  @Test
  void whatIsAppliedAgainIsUnchangedAndWhatDiffersIsAnother() throws Exception {
    Spool spool = new Spool(folder.resolve("spool"));
    assertThat(spool.apply(pod("i:1"), NOW)).isEqualTo(Applied.CREATED);
    String uid = spool.wanted(WEB).orElseThrow().uid();
    assertThat(spool.apply(pod("i:1"), NOW)).isEqualTo(Applied.UNCHANGED);
    assertThat(spool.wanted(WEB).orElseThrow().uid()).isEqualTo(uid);
    assertThat(spool.wanted(WEB).orElseThrow().document()).isEqualTo(pod("i:1"));
    assertThat(spool.apply(pod("i:2"), NOW)).isEqualTo(Applied.CONFIGURED);
    assertThat(spool.wanted(WEB).orElseThrow().uid()).isNotEqualTo(uid);
    assertThat(spool.list("Pod")).containsExactly(WEB);
  }

  @Test
  void aPodIsThereUntilItsEndIsDone() throws Exception {
    Spool spool = new Spool(folder.resolve("spool"));
    assertThat(spool.delete(WEB, Optional.empty())).isFalse();
    assertThat(spool.apply(pod("i:1"), NOW)).isEqualTo(Applied.CREATED);
    assertThat(spool.deleted(WEB)).isEmpty();
    assertThat(spool.delete(WEB, Optional.of(Duration.ofSeconds(3)))).isTrue();
    assertThat(spool.deleted(WEB)).contains(Optional.of(Duration.ofSeconds(3)));
    assertThat(spool.list("Pod")).containsExactly(WEB);
    spool.forget(WEB);
    assertThat(spool.list("Pod")).isEmpty();
  }

  @Test
  void whatIsAddedToAPodIsThereAsLongAsThatPod() throws Exception {
    Spool spool = new Spool(folder.resolve("spool"));
    assertThat(spool.apply(pod("i:1"), NOW)).isEqualTo(Applied.CREATED);
    Wanted first = spool.wanted(WEB).orElseThrow();
    assertThat(spool.added(WEB, first)).isEmpty();
    assertThat(spool.add(WEB, first.uid(), tools("z"), NOW)).isTrue();
    assertThat(spool.add(WEB, first.uid(), tools("y"), NOW.plusSeconds(1))).isTrue();
    assertThat(spool.add(WEB, first.uid(), tools("y"), NOW.plusSeconds(2))).isFalse();
    assertThat(spool.added(WEB, first)).containsExactly(tools("z"), tools("y"));

    assertThat(spool.apply(pod("i:1"), NOW)).isEqualTo(Applied.UNCHANGED);
    assertThat(spool.added(WEB, first)).hasSize(2);
    assertThat(spool.apply(pod("i:2"), NOW)).isEqualTo(Applied.CONFIGURED);
    assertThat(spool.added(WEB, spool.wanted(WEB).orElseThrow())).isEmpty();
    spool.forget(WEB);
    assertThat(spool.folder().resolve("Pod/default/web")).doesNotExist();
  }

  private static EphemeralContainer tools(String name) throws Exception {
    JsonObject source = new JsonObject();
    source.addProperty("name", name);
    source.addProperty("image", "i:1");
    return EphemeralContainer.of(((Document.OfPod) pod("i:1")).pod(), source);
  }

  @Test
  void thereIsOneSupervisorAndNobodyElseMayLook() throws IOException {
    Spool spool = new Spool(folder.resolve("spool"));
    assertThat(spool.isSupervised()).isFalse();
    try (FileChannel lock = spool.take().orElseThrow()) {
      assertThat(lock.isOpen()).isTrue();
      assertThat(spool.isSupervised()).isTrue();
      assertThat(spool.take()).isEmpty();
    }
    assertThat(spool.isSupervised()).isFalse();
    assertThat(Files.getAttribute(spool.folder(), "unix:mode")).isEqualTo(040700);
  }
}
