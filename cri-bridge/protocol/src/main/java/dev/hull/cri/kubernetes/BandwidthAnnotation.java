package dev.hull.cri.kubernetes;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A pod's annotation that bounds its traffic in one direction, in bits per second, between the
 * bounds that Kubernetes sets.
 */
public enum BandwidthAnnotation {
  /** What comes into the pod. */
  INGRESS("kubernetes.io/ingress-bandwidth"),
  /** What the pod sends. */
  EGRESS("kubernetes.io/egress-bandwidth");

  private static final BigDecimal LEAST = BigDecimal.TEN.pow(3);
  private static final BigDecimal MOST = BigDecimal.TEN.pow(15);

  private final String key;

  BandwidthAnnotation(String key) {
    this.key = key;
  }

  /** Its name among the annotations. */
  public String key() {
    return key;
  }

  /**
   * What a pod's annotations say, in bits per second; empty if they say nothing of it.
   *
   * @throws IllegalArgumentException with what is wrong with the value, to be read after the key
   */
  public OptionalLong bitsPerSecond(Map<String, String> annotations) {
    Optional<String> text = Optional.ofNullable(annotations.get(key));
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        text.flatMap(Quantity::parse)
            .filter(rate -> rate.compareTo(LEAST) >= 0 && rate.compareTo(MOST) <= 0)
            .map(rate -> Quantity.ceiling(rate).longValueExact())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "must be bits per second between 1k and 1P, such as 10M, not "
                            + text.get())));
  }
}
