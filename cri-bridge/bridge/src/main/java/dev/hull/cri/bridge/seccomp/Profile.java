package dev.hull.cri.bridge.seccomp;

import java.util.List;
import java.util.Set;

/**
 * A seccomp profile as container engines have it: what happens to a system call that no rule names,
 * and the rules.
 *
 * @param architectures names as in {@code SCMP_ARCH_X86}, besides the guest's own
 */
record Profile(Action defaultAction, Set<String> architectures, List<Rule> rules) {
  Profile {
    architectures = Set.copyOf(architectures);
    rules = List.copyOf(rules);
  }

  /**
   * What happens to some calls.
   *
   * @param names system calls; those that libseccomp does not know are passed over, as engines do,
   *     for profiles are written for many kernels
   * @param conditions on the arguments
   * @param when whether the rule holds for a container at all
   */
  record Rule(Set<String> names, Action action, List<Condition> conditions, Guard when) {
    Rule {
      names = Set.copyOf(names);
      conditions = List.copyOf(conditions);
    }
  }

  /**
   * What happens to a call.
   *
   * @param data the error's number, or the tracer's message; 0 where the kind has none
   */
  record Action(Kind kind, int data) {
    /** As the kernel numbers them (linux/seccomp.h). */
    enum Kind {
      KILL_PROCESS(0x8000_0000),
      KILL_THREAD(0),
      TRAP(0x0003_0000),
      ERRNO(0x0005_0000),
      TRACE(0x7ff0_0000),
      LOG(0x7ffc_0000),
      ALLOW(0x7fff_0000);

      private final int code;

      Kind(int code) {
        this.code = code;
      }
    }

    int code() {
      return kind.code | data;
    }

    /** Whether the call is made. */
    boolean lets() {
      return kind == Kind.ALLOW || kind == Kind.LOG || kind == Kind.TRACE;
    }
  }

  /**
   * A comparison of one argument.
   *
   * @param index 0 to 5
   * @param value for {@code MASKED_EQ} the mask
   * @param valueTwo for {@code MASKED_EQ} what is left by the mask
   */
  record Condition(int index, Comparison comparison, long value, long valueTwo) {
    /** As libseccomp numbers them. */
    enum Comparison {
      NE(1),
      LT(2),
      LE(3),
      EQ(4),
      GE(5),
      GT(6),
      MASKED_EQ(7);

      private final int code;

      Comparison(int code) {
        this.code = code;
      }

      int code() {
        return code;
      }
    }
  }

  /**
   * For which containers a rule is.
   *
   * @param with capabilities, without {@code CAP_}, that must all be held
   * @param without capabilities of which none may be held
   * @param elsewhere whether it is for other architectures or kernels than the guest's
   */
  record Guard(Set<String> with, Set<String> without, boolean elsewhere) {
    static final Guard ALWAYS = new Guard(Set.of(), Set.of(), false);

    Guard {
      with = Set.copyOf(with);
      without = Set.copyOf(without);
    }

    boolean holds(Set<String> capabilities) {
      return !elsewhere
          && capabilities.containsAll(with)
          && without.stream().noneMatch(capabilities::contains);
    }
  }
}
