package dev.hull.vm;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A machine's identity, which is also its pod sandbox's: 64 lower-case hexadecimal digits. Names of
 * what a machine holds on the host (domain, network namespace, tap, folders) derive from it, so
 * that what a crash left behind can be found and released by name.
 */
public record MachineId(String value) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
  private static final int SHORT_LENGTH = 12;

  public MachineId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a machine id (64 hexadecimal digits): " + value);
    }
  }

  public static MachineId random(RandomGenerator random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new MachineId(HexFormat.of().formatHex(bytes));
  }

  /** The first 12 digits: what people see, and what names on the host are made of. */
  public String shortForm() {
    return value.substring(0, SHORT_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
