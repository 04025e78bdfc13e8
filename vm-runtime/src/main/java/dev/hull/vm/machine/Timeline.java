package dev.hull.vm.machine;

import dev.hull.vm.Machine.TimelineStep;
import dev.hull.vm.guest.GuestDescription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** The steps of a start, as they are taken. */
final class Timeline {
  private final long began = System.nanoTime();
  private final List<TimelineStep> steps = new ArrayList<>();

  <T> T step(String name, Supplier<T> work) {
    Duration from = now();
    T result = work.get();
    add(new TimelineStep(name, from, now().minus(from)));
    return result;
  }

  void step(String name, Runnable work) {
    step(
        name,
        () -> {
          work.run();
          return true;
        });
  }

  Duration now() {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /**
   * The guest's own steps, by its own clock, which began when QEMU let it run.
   *
   * @param boot when that was
   */
  void addBoot(Duration boot, GuestDescription guest) {
    Duration before = Duration.ZERO;
    for (GuestDescription.BootStep step : guest.bootSteps()) {
      if (step.at().compareTo(before) >= 0) {
        add(new TimelineStep(step.name(), boot.plus(before), step.at().minus(before)));
        before = step.at();
      }
    }
  }

  private synchronized void add(TimelineStep step) {
    steps.add(step);
  }

  synchronized List<TimelineStep> steps() {
    return steps.stream().sorted(Comparator.comparing(TimelineStep::began)).toList();
  }
}
