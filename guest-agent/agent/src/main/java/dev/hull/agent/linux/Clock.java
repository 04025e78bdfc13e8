package dev.hull.agent.linux;

import java.time.Instant;

/** The kernel's clocks. */
public interface Clock {
  /** Sets CLOCK_REALTIME. */
  void setRealtime(Instant now);

  /** CLOCK_BOOTTIME in milliseconds: since the kernel started, time in suspension counted. */
  long bootMillis();
}
