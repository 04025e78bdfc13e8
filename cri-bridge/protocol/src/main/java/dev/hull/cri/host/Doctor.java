package dev.hull.cri.host;

import java.util.List;

/** Checks everything that a run needs. */
public interface Doctor {
  /** Looks at this machine; changes nothing that stays. The boot probe may take half a minute. */
  List<Check> examine(DaemonProvider.Options options);

  /**
   * One thing that was checked.
   *
   * @param found what is there, or what is wrong
   * @param remedy what to do, on one line; empty if {@code verdict} is GOOD
   */
  record Check(String name, Verdict verdict, String found, String remedy) {}

  /** GOOD; WARNING: works, but slower or with less; MISSING: nothing will run. */
  enum Verdict {
    GOOD,
    WARNING,
    MISSING
  }
}
