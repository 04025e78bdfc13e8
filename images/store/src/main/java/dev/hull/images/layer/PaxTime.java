package dev.hull.images.layer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A time of a PAX header: seconds with as many decimals as the writer liked. */
record PaxTime(long seconds, int nanos) {
  private static final Pattern FORM = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{0,40})?");
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  static PaxTime of(@Nullable String text, long otherwise, String name)
      throws InvalidLayerException {
    if (text == null) {
      return new PaxTime(otherwise, 0);
    }
    if (!FORM.matcher(text).matches()) {
      throw new InvalidLayerException(Shown.name(name) + " has a time that is not a number");
    }
    // Towards the past, also before 1970, as the kernel keeps times.
    BigInteger nanos =
        new BigDecimal(text).movePointRight(9).setScale(0, RoundingMode.FLOOR).toBigInteger();
    BigInteger rest = nanos.mod(NANOS);
    return new PaxTime(nanos.subtract(rest).divide(NANOS).longValue(), rest.intValue());
  }
}
