package dev.hull.agent.linux;

/** The end of the machine, and what comes right before it. */
public interface Power {
  /** Writes all file systems out. Blocks until it is done. */
  void sync();

  /** Ends the machine at once: no file system is synced. Returns only by {@link LinuxException}. */
  void powerOff();
}
