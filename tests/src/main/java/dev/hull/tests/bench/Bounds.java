package dev.hull.tests.bench;

import dev.hull.cri.host.Benches.Bound;
import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;

/** The bounds that are recorded in {@code bounds.properties}. */
final class Bounds {
  private static final String FILE = "bounds.properties";

  private Bounds() {}

  /** By the names of the figures. */
  static List<Bound> read() throws HostException {
    Properties recorded = new Properties();
    try (InputStream bytes = Bounds.class.getResourceAsStream(FILE)) {
      if (bytes == null) {
        throw new HostException("there is no " + FILE + " on the class path; build hull again");
      }
      Reader text = new InputStreamReader(bytes, StandardCharsets.UTF_8);
      recorded.load(text);
    } catch (IOException | IllegalArgumentException e) {
      throw new HostException("cannot read " + FILE + ": " + e.getMessage(), e);
    }
    List<Bound> bounds = new ArrayList<>();
    for (String figure : new TreeSet<>(recorded.stringPropertyNames())) {
      bounds.add(new Bound(figure, number(figure, recorded.getProperty(figure))));
    }
    return bounds;
  }

  private static double number(String figure, String value) throws HostException {
    try {
      double number = Double.parseDouble(value.strip());
      if (number > 0 && Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Refused below.
    }
    throw new HostException(
        "%s: the bound of %s must be a number above 0: %s".formatted(FILE, figure, value));
  }
}
