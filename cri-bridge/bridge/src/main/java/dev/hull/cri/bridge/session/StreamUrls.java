package dev.hull.cri.bridge.session;

/** Where clients redeem tickets. */
@FunctionalInterface
public interface StreamUrls {
  /**
   * A URL, with scheme and host, that can be used once, within {@link Tickets#LIFE}.
   *
   * @throws dev.hull.cri.bridge.call.Refusal if too many wait to be used
   */
  String issue(Ticket ticket);
}
