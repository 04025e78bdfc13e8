package dev.hull.tests.lifecycle;

import dev.hull.tests.harness.Daemon;

/** The same promises of a pod whose machine has booted. */
final class BootedPodLifecycleTest extends PodLifecycle {
  @Override
  Daemon configure(Daemon daemon) {
    return daemon.settings("machine.templates: off");
  }

  @Override
  String step() {
    return "\"boot\"";
  }
}
