package dev.hull.cri.kubernetes;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kubernetes' notation of amounts: {@code 64Mi}, {@code 1.5G}, {@code 250m}, {@code 1e6}. */
public final class Quantity {
  private static final Pattern PATTERN =
      Pattern.compile(
          "\\+?((?:\\d{1,20}(?:\\.\\d{0,9})?|\\.\\d{1,9})(?:[eE][+-]?\\d{1,2})?)(|[numk]|[MGTPE]|[KMGTPE]i)");
  private static final Map<String, BigDecimal> UNITS =
      Map.ofEntries(
          Map.entry("", BigDecimal.ONE),
          Map.entry("n", new BigDecimal("1e-9")),
          Map.entry("u", new BigDecimal("1e-6")),
          Map.entry("m", new BigDecimal("0.001")),
          Map.entry("k", BigDecimal.TEN.pow(3)),
          Map.entry("M", BigDecimal.TEN.pow(6)),
          Map.entry("G", BigDecimal.TEN.pow(9)),
          Map.entry("T", BigDecimal.TEN.pow(12)),
          Map.entry("P", BigDecimal.TEN.pow(15)),
          Map.entry("E", BigDecimal.TEN.pow(18)),
          Map.entry("Ki", BigDecimal.TWO.pow(10)),
          Map.entry("Mi", BigDecimal.TWO.pow(20)),
          Map.entry("Gi", BigDecimal.TWO.pow(30)),
          Map.entry("Ti", BigDecimal.TWO.pow(40)),
          Map.entry("Pi", BigDecimal.TWO.pow(50)),
          Map.entry("Ei", BigDecimal.TWO.pow(60)));

  private Quantity() {}

  /** The amount; empty if it is none, is negative, or does not fit into a long. */
  public static Optional<BigDecimal> parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigDecimal unit = UNITS.getOrDefault(matcher.group(2), BigDecimal.ONE);
    BigDecimal amount = new BigDecimal(matcher.group(1)).multiply(unit);
    return ceiling(amount).unscaledValue().bitLength() > 62
        ? Optional.empty()
        : Optional.of(amount.stripTrailingZeros());
  }

  /** Whole bytes, rounded up; empty if it is no quantity or does not fit into a long. */
  public static Optional<Long> bytes(String text) {
    return parse(text).map(amount -> ceiling(amount).longValueExact());
  }

  /** Rounded up, as Kubernetes rounds. */
  public static BigDecimal ceiling(BigDecimal amount) {
    return amount.setScale(0, RoundingMode.CEILING);
  }
}
