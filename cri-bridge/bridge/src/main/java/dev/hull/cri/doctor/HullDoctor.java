package dev.hull.cri.doctor;

import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.Doctor;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Runs every check; one that fails itself is a finding too. */
public final class HullDoctor implements Doctor {
  private final Host host;
  private final List<BiFunction<Host, DaemonProvider.Options, Check>> checks;

  /** For {@link java.util.ServiceLoader}: this machine, all checks. */
  public HullDoctor() {
    this(
        new LocalHost(Optional.ofNullable(System.getenv("PATH")).orElse("/usr/sbin:/usr/bin")),
        Checks.ALL);
  }

  HullDoctor(Host host, List<BiFunction<Host, DaemonProvider.Options, Check>> checks) {
    this.host = host;
    this.checks = checks;
  }

  @Override
  public List<Check> examine(DaemonProvider.Options options) {
    return checks.stream().map(check -> run(check, options)).toList();
  }

  private Check run(
      BiFunction<Host, DaemonProvider.Options, Check> check, DaemonProvider.Options options) {
    try {
      return check.apply(host, options);
    } catch (RuntimeException e) {
      return new Check(
          "doctor",
          Verdict.WARNING,
          "a check failed: " + e,
          "report this line as a defect of hull");
    }
  }
}
