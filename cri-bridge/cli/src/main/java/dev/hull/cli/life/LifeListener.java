package dev.hull.cli.life;

import java.nio.file.Path;

/** Hears of a pod's containers, on the pod's thread. */
public interface LifeListener {
  /** A container was started for the {@code attempt}th time, from 0; its log will be there. */
  default void started(String container, int attempt, Path log) {}

  /** That start has ended; its log is whole. */
  default void ended(String container, int attempt) {}

  LifeListener NONE = new LifeListener() {};
}
