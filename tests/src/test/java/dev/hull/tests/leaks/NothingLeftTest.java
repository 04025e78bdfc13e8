package dev.hull.tests.leaks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
final class NothingLeftTest {
  private static final int PODS = 20;

  @TempDir private Path folder;

  @Test
  @Timeout(900)
  void afterTwentyPodsInARowTheHostIsAsBefore() {
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      // What the first pod makes and later ones share (the bridge, the chains of the filter) is no
      // leak.
      runOnePod(daemon);
      List<Path> folders = List.of(daemon.root());
      HostState before = HostState.now(folders);
      for (int pod = 0; pod < PODS; pod++) {
        runOnePod(daemon);
      }
      assertThat(HostState.now(folders).since(before)).isEmpty();
    }
  }

  private void runOnePod(Daemon daemon) {
    try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"))) {
      assertThat(pod.awaitExit(pod.shell("work", "echo done")).getExitCode()).isZero();
    }
  }
}
