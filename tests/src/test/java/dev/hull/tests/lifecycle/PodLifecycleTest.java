package dev.hull.tests.lifecycle;

import dev.hull.tests.harness.Daemon;

/** Of a pod whose machine is a copy of the template, as it is where nothing else is said. */
final class PodLifecycleTest extends PodLifecycle {
  @Override
  Daemon configure(Daemon daemon) {
    return daemon;
  }

  @Override
  String step() {
    return "\"restore\"";
  }
}
