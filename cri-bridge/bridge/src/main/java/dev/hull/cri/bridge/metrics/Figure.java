package dev.hull.cri.bridge.metrics;

import dev.hull.cri.v1.MetricDescriptor;
import dev.hull.cri.v1.MetricType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A metric: what it is called, and how it is read from what it is about.
 *
 * @param labels names of labels that tell its values apart, beyond those that all metrics have
 */
record Figure<S>(
    String name,
    String help,
    MetricType type,
    List<String> labels,
    Function<S, List<Value>> values) {
  /**
   * That of every metric, as cAdvisor has them; those that name a container are empty for a pod.
   */
  static final List<String> COMMON_LABELS =
      List.of("id", "name", "image", "container", "pod", "namespace");

  /** A number, with what its labels say. */
  record Value(List<String> labels, long number) {
    Value(long number, String... labels) {
      this(List.of(labels), number);
    }
  }

  /** One that only grows. */
  static <S> Figure<S> counter(String name, String help, Function<S, Long> value) {
    return new Figure<>(name, help, MetricType.COUNTER, List.of(), one(value));
  }

  static <S> Figure<S> gauge(String name, String help, Function<S, Long> value) {
    return new Figure<>(name, help, MetricType.GAUGE, List.of(), one(value));
  }

  static <S> Figure<S> counters(
      String name, String help, List<String> labels, Function<S, List<Value>> values) {
    return new Figure<>(name, help, MetricType.COUNTER, labels, values);
  }

  static <S> Figure<S> gauges(
      String name, String help, List<String> labels, Function<S, List<Value>> values) {
    return new Figure<>(name, help, MetricType.GAUGE, labels, values);
  }

  private static <S> Function<S, List<Value>> one(Function<S, Long> value) {
    return subject -> List.of(new Value(value.apply(subject)));
  }

  MetricDescriptor descriptor() {
    List<String> keys = new ArrayList<>(COMMON_LABELS);
    keys.addAll(labels);
    return MetricDescriptor.newBuilder().setName(name).setHelp(help).addAllLabelKeys(keys).build();
  }
}
