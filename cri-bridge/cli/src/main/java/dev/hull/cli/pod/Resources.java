package dev.hull.cli.pod;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/** Amounts by the name of what there is an amount of: {@code cpu} in CPUs, the others in bytes. */
public record Resources(Map<String, BigDecimal> requests, Map<String, BigDecimal> limits) {
  public static final String CPU = "cpu";
  public static final String MEMORY = "memory";
  public static final String STORAGE = "ephemeral-storage";
  public static final Resources NONE = new Resources(Map.of(), Map.of());

  public Resources {
    requests = Map.copyOf(requests);
    limits = Map.copyOf(limits);
  }

  /** What it asks for; a limit without a request is one, as Kubernetes has it. */
  public Optional<BigDecimal> request(String name) {
    return Optional.ofNullable(requests.get(name)).or(() -> limit(name));
  }

  public Optional<BigDecimal> limit(String name) {
    return Optional.ofNullable(limits.get(name));
  }

  public boolean isEmpty() {
    return requests.isEmpty() && limits.isEmpty();
  }
}
