package dev.hull.tests.bench;

import static org.awaitility.Awaitility.await;

import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.HostState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;

/** What pods that came and went have left on the host. */
final class LeftBehind {
  private static final Duration GONE_WITHIN = Duration.ofSeconds(30);

  private LeftBehind() {}

  /**
   * Waits until the host is as it was, for what is going takes a moment; other work on the host may
   * come and go meanwhile.
   *
   * @param folders listed whole
   * @throws HostException if it does not become so
   */
  static void requireNothing(HostState before, List<Path> folders) throws HostException {
    try {
      await().atMost(GONE_WITHIN).until(() -> HostState.now(folders).since(before).isEmpty());
    } catch (ConditionTimeoutException e) {
      throw new HostException(
          "pods that came and went have left this behind, unless another hull works on this host: "
              + String.join("; ", HostState.now(folders).since(before)),
          e);
    }
  }
}
