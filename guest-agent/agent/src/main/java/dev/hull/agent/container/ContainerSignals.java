package dev.hull.agent.container;

/** The signals that the agent sends of its own accord. */
final class ContainerSignals {
  static final int KILL = 9;
  static final int TERMINATE = 15;

  private ContainerSignals() {}
}
