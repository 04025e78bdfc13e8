package dev.hull.tests.bench;

import dev.hull.cri.host.Bench;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.function.Consumer;

/** A bench in a room of its own, which is cleared afterwards whatever happens. */
record HullBench(String name, String description, Measurement measurement, boolean isPartOfAll)
    implements Bench {
  /** One that is part of all. */
  HullBench(String name, String description, Measurement measurement) {
    this(name, description, measurement, true);
  }

  /** What is done in the room. */
  interface Measurement {
    Outcome take(BenchRoom room, int runs) throws IOException, HostException;
  }

  @Override
  public Outcome run(int runs, DaemonProvider.Options options, Consumer<String> progress)
      throws HostException {
    try (BenchRoom room = BenchRoom.open(options, progress)) {
      try {
        return measurement.take(room, runs);
      } catch (IOException | HostException | RuntimeException e) {
        room.sayLogs();
        throw e;
      }
    } catch (IOException | StatusRuntimeException e) {
      throw new HostException("cannot measure " + name + ": " + e, e);
    }
  }
}
