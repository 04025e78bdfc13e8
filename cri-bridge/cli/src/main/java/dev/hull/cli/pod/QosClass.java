package dev.hull.cli.pod;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** How well a pod is served when memory runs short. */
public enum QosClass {
  GUARANTEED("Guaranteed"),
  BURSTABLE("Burstable"),
  BEST_EFFORT("BestEffort");

  private static final List<String> COUNTED = List.of(Resources.CPU, Resources.MEMORY);

  private final String text;

  QosClass(String text) {
    this.text = text;
  }

  /** As the API writes it. */
  public String text() {
    return text;
  }

  /** Guaranteed: every container has limits of CPU and memory, and requests no other amounts. */
  static QosClass of(Pod pod) {
    List<Resources> all =
        pod.resources().isEmpty()
            ? pod.everyContainer().map(Container::resources).toList()
            : List.of(pod.resources());
    boolean any = false;
    boolean equal = true;
    for (Resources resources : all) {
      for (String name : COUNTED) {
        Optional<BigDecimal> request = resources.request(name).filter(QosClass::some);
        Optional<BigDecimal> limit = resources.limit(name).filter(QosClass::some);
        any |= request.isPresent() || limit.isPresent();
        equal &=
            limit.isPresent() && request.isPresent() && request.get().compareTo(limit.get()) == 0;
      }
    }
    return !any ? BEST_EFFORT : equal ? GUARANTEED : BURSTABLE;
  }

  private static boolean some(BigDecimal amount) {
    return amount.signum() > 0;
  }
}
