package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import dev.hull.vm.template.Template;
import java.io.IOException;
import java.util.List;

/**
 * What it takes to start a pod, by a boot, as a copy of a template, and where a machine stands by,
 * beside what the same machine takes when QEMU alone boots it or is started as the copy.
 */
final class StartBench {
  private static final int EXECS_A_RUN = 5;

  private final BenchRoom room;
  private final Samples samples = new Samples();
  private final PodStarts cold = new PodStarts("cold");
  private final PodStarts warm = new PodStarts("warm");
  private final PodStarts spare = new PodStarts("spare");

  private StartBench(BenchRoom room) {
    this.room = room;
  }

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    return new StartBench(room).measure(runs);
  }

  private Outcome measure(int runs) throws IOException, HostException {
    room.makeTemplate();
    try (Daemon booting = room.daemon("cold", BenchRoom.BOOTING);
        Daemon copying = room.daemon("warm", BenchRoom.COPYING)) {
      // The first start of a daemon asks QEMU what it can do.
      prime(booting, "memory.booted_pod");
      prime(copying, "memory.idle_pod");
      samples.add("daemon.rss", "MiB", HostMemory.rssMib(copying.pid()));
      for (int run = 1; run <= runs; run++) {
        coldAndBare(booting, run == 1);
        warmAndRaw(copying, run == 1);
        room.say(
            "run %d of %d: cold %.2f s, bare boot %.2f s, warm %.2f s, raw restore %.2f s"
                .formatted(
                    run,
                    runs,
                    samples.last("start.cold"),
                    samples.last("start.bare_boot"),
                    samples.last("start.warm"),
                    samples.last("start.raw_restore")));
      }
    }
    // By itself, for a machine that is being made to stand by takes of the host's CPUs.
    try (Daemon keeping = room.standingDaemon("spare", BenchRoom.KEEPING_ONE)) {
      SpareStarts starts = new SpareStarts(keeping, room.logs(), spare, samples);
      starts.prime();
      for (int run = 1; run <= runs; run++) {
        starts.run();
        room.say(
            "run %d of %d: with a machine that stood by %.2f s, replaced after %.2f s"
                .formatted(
                    run,
                    runs,
                    samples.last("start.spare"),
                    samples.last("start.spare.replacement")));
      }
    }
    samples.ratio("start.cold.ratio_to_bare_boot", "start.cold", "start.bare_boot");
    samples.ratio("start.warm.ratio_to_cold", "start.warm", "start.cold");
    samples.ratio("start.warm.ratio_to_raw_restore", "start.warm", "start.raw_restore");
    samples.ratio("start.spare.ratio_to_cold", "start.spare", "start.cold");
    samples.ratio("start.spare.ratio_to_raw_restore", "start.spare", "start.raw_restore");
    List<PodStarts> kinds = List.of(cold, warm, spare);
    kinds.forEach(kind -> kind.addShares(samples));
    return new Outcome(samples.figures(), kinds.stream().map(PodStarts::middle).toList());
  }

  private void prime(Daemon daemon, String memory) {
    try (TestPod pod = TestPod.run(daemon, room.logs())) {
      samples.add(memory, "MiB", HostMemory.idlePodMib(MachineProcesses.of(pod.id())));
    }
  }

  /** The bare boot is after the pod's end, so that it has the host to itself. */
  private void coldAndBare(Daemon daemon, boolean tell) throws IOException, HostException {
    BareBoot bare;
    try (PodStart start = PodStart.run(daemon, room.logs())) {
      cold.add(start, samples);
      QemuCommand machine = command(start);
      bare = BareBoot.like(machine, room.folder());
      if (tell) {
        room.say("machine: " + machine);
        room.say("bare boot: " + bare.command());
      }
    }
    samples.time("start.bare_boot", bare.run());
  }

  private void warmAndRaw(Daemon daemon, boolean tell) throws IOException, HostException {
    RawRestore raw;
    try (PodStart start = PodStart.run(daemon, room.logs())) {
      start.info().requireCopy();
      warm.add(start, samples);
      samples.time("container.create_and_start", start.container());
      exec(start);
      QemuCommand machine = command(start);
      Template template = TemplateInUse.of(room.guestImage(), start.info());
      raw = RawRestore.like(machine, template, room.folder());
      if (tell) {
        room.say("copy: " + machine);
        room.say("raw restore: " + raw.command());
      }
    }
    samples.time("start.raw_restore", raw.run());
  }

  private static QemuCommand command(PodStart start) {
    return QemuCommand.of(MachineProcesses.of(start.pod().id()).qemu());
  }

  private void exec(PodStart start) {
    for (int exec = 0; exec < EXECS_A_RUN; exec++) {
      Stopwatch watch = new Stopwatch();
      start.pod().exec(start.containerId(), "true");
      samples.time("container.exec_sync", watch.elapsed());
    }
  }
}
