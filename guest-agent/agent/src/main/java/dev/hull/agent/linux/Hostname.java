package dev.hull.agent.linux;

/** The name of the calling thread's UTS namespace. */
public interface Hostname {
  /** Sets it: 1 to 64 bytes. */
  void set(String name);
}
