package dev.hull.cri.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BandwidthAnnotationTest {
  @Test
  void eachDirectionHasItsOwn() {
    Map<String, String> annotations =
        Map.of("kubernetes.io/ingress-bandwidth", "10M", "other", "fast");
    assertThat(BandwidthAnnotation.INGRESS.bitsPerSecond(annotations)).hasValue(10_000_000);
    assertThat(BandwidthAnnotation.EGRESS.bitsPerSecond(annotations)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1k", "1P", "1000.5"})
  void kubernetesBoundsAreWithin(String value) {
    assertThat(BandwidthAnnotation.EGRESS.bitsPerSecond(egress(value))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"999", "1000000000000001", "-1M", "fast", ""})
  void whatIsBeyondIsRefused(String value) {
    assertThatThrownBy(() -> BandwidthAnnotation.EGRESS.bitsPerSecond(egress(value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be bits per second between 1k and 1P, such as 10M, not " + value);
  }

  private static Map<String, String> egress(String value) {
    return Map.of("kubernetes.io/egress-bandwidth", value);
  }
}
