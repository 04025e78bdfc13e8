package dev.hull.cli.terminal;

import java.time.Duration;
import java.util.Locale;

/** Sizes and ages, short. */
public final class Amounts {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

  private Amounts() {}

  /** In powers of a thousand, three digits: {@code 73.4MB}. */
  public static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 999.5 && unit < UNITS.length - 1) {
      amount /= 1000;
      unit++;
    }
    if (unit == 0) {
      return bytes + "B";
    }
    return String.format(
        Locale.ROOT,
        amount < 9.995 ? "%.2f%s" : amount < 99.95 ? "%.1f%s" : "%.0f%s",
        amount,
        UNITS[unit]);
  }

  /** As kubectl writes ages: {@code 5s}, {@code 12m}, {@code 3h}, {@code 9d}. */
  public static String age(Duration age) {
    if (age.isNegative()) {
      return "0s";
    }
    if (age.toSeconds() < 120) {
      return age.toSeconds() + "s";
    }
    if (age.toMinutes() < 120) {
      return age.toMinutes() + "m";
    }
    if (age.toHours() < 48) {
      return age.toHours() + "h";
    }
    return age.toDays() + "d";
  }
}
