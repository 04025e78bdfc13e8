package dev.hull.tests.soak;

import java.time.Duration;
import java.util.Random;

/**
 * A SIGKILL in the life of a pod.
 *
 * @param after how long after the moment has begun
 */
public record Kill(Victim victim, Moment moment, Duration after) {
  private static final int LONGEST_START_MILLIS = 2500;
  private static final int LONGEST_STOP_MILLIS = 800;

  /** Who is killed. */
  public enum Victim {
    NOBODY,
    DAEMON,
    QEMU,
    VIRTIOFSD
  }

  /** When. */
  public enum Moment {
    /** While RunPodSandbox is under way. */
    STARTING,
    /** While the pod's container runs. */
    RUNNING,
    /** While StopPodSandbox is under way. */
    STOPPING
  }

  public static Kill any(Random random) {
    Moment moment = any(random, Moment.values());
    int longest =
        switch (moment) {
          case STARTING -> LONGEST_START_MILLIS;
          case RUNNING -> 1;
          case STOPPING -> LONGEST_STOP_MILLIS;
        };
    return new Kill(
        any(random, Victim.values()), moment, Duration.ofMillis(random.nextInt(longest)));
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  boolean isAt(Moment other) {
    return moment == other && victim != Victim.NOBODY;
  }

  @Override
  public String toString() {
    return victim == Victim.NOBODY
        ? "nobody is killed"
        : "%s is killed while %s, after %d ms".formatted(victim, moment, after.toMillis());
  }
}
