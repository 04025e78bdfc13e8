package dev.hull.cli.action;

import dev.hull.cli.pod.Action;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * How the host reaches pods. Everything has a deadline, and an answer is never read further than
 * needed.
 */
public interface Network {
  /** Fetches a page; the status of the answer, after redirects within the host. */
  int get(
      boolean tls,
      String host,
      int port,
      String path,
      List<Action.Header> headers,
      Duration deadline)
      throws IOException, InterruptedException;

  /** Makes a connection and closes it. */
  void connect(String host, int port, Duration deadline) throws IOException;

  /** Asks the standard health service (grpc.health.v1); the name of the status it answers. */
  String health(String host, int port, String service, Duration deadline) throws IOException;
}
