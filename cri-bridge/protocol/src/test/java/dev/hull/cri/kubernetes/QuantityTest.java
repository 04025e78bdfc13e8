package dev.hull.cri.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantityTest {
  @ParameterizedTest
  @CsvSource({"64Mi,67108864", "1k,1000", "1.5G,1500000000", "1e3,1000", "0,0", "1500m,2"})
  void quantitiesAreBytes(String text, long bytes) {
    assertThat(Quantity.bytes(text)).contains(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Mi", "1MiB", "-1", "1 Mi", "9999999999Ei", "1e99Ei"})
  void nonsenseIsNone(String text) {
    assertThat(Quantity.bytes(text)).isEmpty();
  }
}
