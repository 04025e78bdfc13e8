package dev.hull.cri.host;

import java.util.List;

/** All that can be measured here, and what is wanted of it. */
public interface Benches {
  /** In the order in which they are run; their names differ. */
  List<Bench> all();

  /** What figures must keep to, on any machine. */
  List<Bound> bounds() throws HostException;

  /**
   * The most that a figure may be. There are bounds of ratios and of memory alone: seconds belong
   * to a machine.
   *
   * @param figure its name
   */
  record Bound(String figure, double most) {}
}
