package dev.hull.tests.bench;

import dev.hull.cri.host.Bench;
import dev.hull.cri.host.Benches;
import dev.hull.cri.host.HostException;
import java.util.List;

/** All that {@code hull bench} measures. */
public final class HullBenches implements Benches {
  @Override
  public List<Bench> all() {
    return List.of(
        new HullBench(
            "start", "a pod's start, beside what QEMU alone takes for it", StartBench::measure),
        new HullBench("memory", "what idle pods and the daemon take", MemoryBench::measure),
        new HullBench(
            "density", "twenty pods one after another, then four at a time", DensityBench::measure),
        new HullBench("churn", "pods started and removed for two minutes", ChurnBench::measure),
        new HullBench(
            "exec", "a command in a container, beside nsenter in the guest", ExecBench::measure),
        new HullBench("cli", "a command that a person types", CliBench::measure),
        new HullBench("logs", "a container's output into its log", LogsBench::measure),
        new HullBench("stream", "bytes in and out of a container", StreamBench::measure),
        new HullBench(
            "pull", "an image from a registry, beside skopeo and umoci", PullBench::measure),
        new HullBench(
            "soak",
            "pods among random SIGKILLs of daemon, QEMU and virtiofsd",
            SoakBench::measure,
            false));
  }

  @Override
  public List<Bound> bounds() throws HostException {
    return Bounds.read();
  }
}
