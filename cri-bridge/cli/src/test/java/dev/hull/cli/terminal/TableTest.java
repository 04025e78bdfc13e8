package dev.hull.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TableTest {
  @Test
  void columnsLineUpAndLinesHaveNoBlanksAtTheirEnd() {
    Table table = new Table("NAME", "STATE");
    table.row("a-long-name", "Running");
    table.row("b", "");
    assertThat(table.render()).isEqualTo("NAME          STATE\na-long-name   Running\nb\n");
  }

  @ParameterizedTest
  @CsvSource({"0,0B", "999,999B", "1000,1.00kB", "73400000,73.4MB", "999999,1.00MB"})
  void sizesHaveThreeDigits(long bytes, String text) {
    assertThat(Amounts.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"PT-5S,0s", "PT5S,5s", "PT12M,12m", "PT3H,3h", "P9D,9d"})
  void agesAreShort(Duration age, String text) {
    assertThat(Amounts.age(age)).isEqualTo(text);
  }
}
