package dev.hull.cri.bridge.streaming.client;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The server did not switch protocols. */
public final class UpgradeException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, List<String>> headers;

  UpgradeException(int status, Map<String, List<String>> headers, String body) {
    super("HTTP " + status + ": " + body);
    this.status = status;
    this.headers = headers;
  }

  /** The status of its answer, for example 404. */
  public int status() {
    return status;
  }

  /** Its answer's header, by a name in lower case. */
  public List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }
}
