package dev.hull.cri.bridge.session;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.Pods;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The tickets that were issued and not used, by tokens that cannot be guessed. Each can be used
 * once, within {@link #LIFE}. Thread-safe.
 */
public final class Tickets {
  /** How long a client has between the call and its connection. */
  public static final Duration LIFE = Duration.ofMinutes(1);

  static final int MOST = 1000;
  private static final int TOKEN_BYTES = 24;

  private record Issued(Ticket ticket, Instant until) {}

  private final Pods pods;
  private final RandomGenerator random;
  private final InstantSource clock;

  /** In the order of their ends. */
  private final Map<String, Issued> issued = new LinkedHashMap<>();

  /**
   * @param random a source that cannot be predicted
   */
  public Tickets(Pods pods, RandomGenerator random, InstantSource clock) {
    this.pods = pods;
    this.random = random;
    this.clock = clock;
  }

  /**
   * The token that stands for the ticket.
   *
   * @throws Refusal if too many wait to be used
   */
  public synchronized String issue(Ticket ticket) {
    forgetExpired();
    if (issued.size() >= MOST) {
      throw Refusal.exhausted(
          "%d streaming URLs wait to be used; use them, or try again in a minute".formatted(MOST));
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    issued.put(token, new Issued(ticket, clock.instant().plus(LIFE)));
    return token;
  }

  /**
   * Uses the ticket up; empty if there is none of this token for {@code verb}, if it was used or
   * has expired, or if its container or sandbox has been removed.
   */
  public synchronized Optional<Ticket> redeem(String verb, String token) {
    forgetExpired();
    Issued found = issued.get(token);
    if (found == null || !found.ticket().verb().equals(verb)) {
      return Optional.empty();
    }
    issued.remove(token);
    return Optional.of(found.ticket()).filter(ticket -> ticket.holds(pods));
  }

  private void forgetExpired() {
    Instant now = clock.instant();
    Iterator<Issued> oldest = issued.values().iterator();
    while (oldest.hasNext() && !oldest.next().until().isAfter(now)) {
      oldest.remove();
    }
  }
}
