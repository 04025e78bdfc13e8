package dev.hull.cri.bridge.daemon;

import dev.hull.vm.MachineUsage;
import dev.hull.vm.MachineUsage.Counters;
import dev.hull.vm.MachineUsage.Pressure;
import dev.hull.vm.MachineUsage.Stall;
import dev.hull.vm.MachineUsage.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a guest may count, each number another. */
final class UsageOf {
  private UsageOf() {}

  static MachineUsage container(String id) {
    Stall stall = new Stall(Duration.ofSeconds(2), 1, 2, 3);
    Counters counters =
        new Counters(
            new MachineUsage.Cpu(
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                30,
                20,
                Duration.ofSeconds(10)),
            new MachineUsage.Memory(1100, 1200, 700, 300, 200, 50, 100, 60, 0, 12, 3, 2, 1),
            new MachineUsage.Tasks(2, 5, OptionalLong.of(100), 9, 4),
            List.of(new MachineUsage.Device(8, 16, "sdb", 1, 2, 3, 4)),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new Pressure(stall, stall)),
            Map.of("2MB", 0L));
    Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(2);
    return new MachineUsage(
        at,
        counters,
        100,
        99,
        List.of(
            new MachineUsage.Interface("net1", traffic(30), traffic(40)),
            new MachineUsage.Interface("eth0", traffic(10), traffic(21))),
        Optional.of(new MachineUsage.Disk(1000, 900, 80, 70)),
        Map.of(
            id,
            new MachineUsage.Container(
                counters,
                Optional.of(new MachineUsage.Layer(at, 8192, 4)),
                OptionalLong.of(1024))));
  }

  private static Traffic traffic(long from) {
    return new Traffic(from, from + 1, from + 2, from + 3);
  }
}
