package dev.hull.cri.bridge.metrics;

import static dev.hull.cri.bridge.metrics.Figure.counters;

import dev.hull.cri.bridge.metrics.Figure.Value;
import dev.hull.vm.MachineUsage;
import java.util.List;
import java.util.function.Function;

/** What is counted of a pod as a whole: its network, which its containers share. */
final class PodFigures {
  static final List<Figure<MachineUsage>> ALL =
      List.of(
          network(
              "container_network_receive_bytes_total",
              "Bytes received.",
              each -> each.received().bytes()),
          network(
              "container_network_receive_packets_total",
              "Packets received.",
              each -> each.received().packets()),
          network(
              "container_network_receive_packets_dropped_total",
              "Packets dropped while receiving.",
              each -> each.received().drops()),
          network(
              "container_network_receive_errors_total",
              "Errors while receiving.",
              each -> each.received().errors()),
          network(
              "container_network_transmit_bytes_total", "Bytes sent.", each -> each.sent().bytes()),
          network(
              "container_network_transmit_packets_total",
              "Packets sent.",
              each -> each.sent().packets()),
          network(
              "container_network_transmit_packets_dropped_total",
              "Packets dropped while sending.",
              each -> each.sent().drops()),
          network(
              "container_network_transmit_errors_total",
              "Errors while sending.",
              each -> each.sent().errors()));

  private PodFigures() {}

  private static Figure<MachineUsage> network(
      String name, String help, Function<MachineUsage.Interface, Long> count) {
    return counters(
        name,
        help,
        List.of("interface"),
        usage ->
            usage.interfaces().stream()
                .map(each -> new Value(count.apply(each), each.name()))
                .toList());
  }
}
