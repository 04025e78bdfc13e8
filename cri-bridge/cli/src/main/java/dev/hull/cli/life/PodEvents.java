package dev.hull.cli.life;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** What happened to a pod, newest last; the same again counts up, and the oldest are forgotten. */
public final class PodEvents {
  private static final int MOST = 100;

  private final InstantSource clock;
  private final List<Event> events = new ArrayList<>();

  public PodEvents(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * One of them, in Kubernetes' words.
   *
   * @param reason one word: {@code BackOff}
   */
  public record Event(
      Instant first, Instant last, int count, boolean warning, String reason, String message) {}

  public synchronized void normal(String reason, String message) {
    add(false, reason, message);
  }

  public synchronized void warning(String reason, String message) {
    add(true, reason, message);
  }

  public synchronized List<Event> list() {
    return List.copyOf(events);
  }

  private void add(boolean warning, String reason, String message) {
    Instant now = clock.instant();
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      if (event.reason().equals(reason) && event.message().equals(message)) {
        events.remove(i);
        events.add(new Event(event.first(), now, event.count() + 1, warning, reason, message));
        return;
      }
    }
    events.add(new Event(now, now, 1, warning, reason, message));
    if (events.size() > MOST) {
      events.removeFirst();
    }
  }
}
