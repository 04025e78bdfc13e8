package dev.hull.cri.bridge.runtime;

import java.util.Optional;

/** Whether pods can be run now. Empty means yes; else a sentence with the remedy. */
public interface Readiness {
  Optional<String> runtimeProblem();

  Optional<String> networkProblem();
}
