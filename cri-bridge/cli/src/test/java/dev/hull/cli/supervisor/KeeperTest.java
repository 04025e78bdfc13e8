package dev.hull.cli.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cli.life.LifeHarness;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.supervisor.Spool.Thing;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class KeeperTest {
  private static final Thing WEB = new Thing("Pod", "default", "web");
  private static final String MANIFEST =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec: {containers: [{name: a, image: "i:1"}]}
      """;

  @TempDir private Path folder;
  private LifeHarness harness;
  private Spool spool;
  private Keeper keeper;

  @BeforeEach
  void apply() throws Exception {
    harness = new LifeHarness(folder);
    spool = new Spool(folder.resolve("spool"));
    Manifest manifest = Manifest.parse("pod.yaml", MANIFEST);
    var _ = spool.apply(manifest.documents().getFirst(), Instant.EPOCH);
    keeper = new Keeper(spool, WEB, spool.wanted(WEB).orElseThrow(), harness.around(manifest));
  }

  @AfterEach
  void close() {
    harness.close();
  }

  /** What happens while the keeper waits, one after the other. */
  private void meanwhile(Runnable... events) {
    Queue<Runnable> left = new ArrayDeque<>(List.of(events));
    harness.time.onSleep(
        () -> {
          Runnable next = left.poll();
          if (next != null) {
            next.run();
          }
        });
  }

  private void delete() {
    try {
      var _ = spool.delete(WEB, Optional.empty());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aPodThatCannotBeRemovedIsTriedAgainAndEachReasonToldOnce() {
    meanwhile(
        () -> {
          harness.cri.fail("StopPodSandbox", Status.INTERNAL.withDescription("the share is busy"));
          delete();
        },
        () -> {},
        () -> {},
        () -> harness.cri.fail("StopPodSandbox", Status.INTERNAL.withDescription("no disk")),
        () -> {},
        () -> harness.cri.fail("StopPodSandbox", Status.OK));
    keeper.run();
    assertThat(harness.complaints)
        .hasSize(2)
        .allMatch(line -> line.startsWith("cannot remove pod "))
        .anyMatch(line -> line.contains("the share is busy"))
        .anyMatch(line -> line.contains("no disk"));
    assertThat(spool.list("Pod")).isEmpty();
    harness.cri.checkNothingLeaked();
  }

  @Test
  void aReasonThatComesBackIsToldAgain() {
    Status busy = Status.INTERNAL.withDescription("the share is busy");
    meanwhile(
        () -> {
          harness.cri.fail("StopPodSandbox", busy);
          delete();
        },
        () -> harness.cri.fail("StopPodSandbox", Status.INTERNAL.withDescription("no disk")),
        () -> harness.cri.fail("StopPodSandbox", busy),
        () -> harness.cri.fail("StopPodSandbox", Status.OK));
    keeper.run();
    assertThat(harness.complaints).hasSize(3).last().asString().contains("the share is busy");
  }
}
