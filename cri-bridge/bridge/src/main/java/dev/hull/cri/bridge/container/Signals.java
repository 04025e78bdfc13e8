package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.Signal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Linux signal numbers (x86-64) by the names that CRI and image configs use. */
public final class Signals {
  static final int SIGTERM = 15;
  static final int SIGKILL = 9;
  private static final int RTMIN = 34;
  private static final int RTMAX = 64;
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ILL", 4),
          Map.entry("TRAP", 5),
          Map.entry("ABRT", 6),
          Map.entry("IOT", 6),
          Map.entry("BUS", 7),
          Map.entry("FPE", 8),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("STKFLT", 16),
          Map.entry("CHLD", 17),
          Map.entry("CLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("TTIN", 21),
          Map.entry("TTOU", 22),
          Map.entry("URG", 23),
          Map.entry("XCPU", 24),
          Map.entry("XFSZ", 25),
          Map.entry("VTALRM", 26),
          Map.entry("PROF", 27),
          Map.entry("WINCH", 28),
          Map.entry("IO", 29),
          Map.entry("POLL", 29),
          Map.entry("PWR", 30),
          Map.entry("SYS", 31),
          Map.entry("RTMIN", RTMIN),
          Map.entry("RTMAX", RTMAX));

  private Signals() {}

  /** The container's own, else the image's, else SIGTERM. */
  static int stopSignal(Signal asked, Optional<String> image) {
    if (asked == Signal.UNRECOGNIZED) {
      throw Refusal.invalid("config.stop_signal is not a signal of CRI");
    }
    if (asked != Signal.SIGNAL_RUNTIME_DEFAULT) {
      return number(asked.name().substring("SIGNAL_".length())).orElseThrow();
    }
    if (image.isEmpty()) {
      return SIGTERM;
    }
    return number(image.get())
        .orElseThrow(() -> Refusal.invalid("the image's StopSignal is no signal: " + image.get()));
  }

  /** CRI's name of a number. */
  static Signal signal(int number) {
    for (Signal signal : Signal.values()) {
      if (signal != Signal.UNRECOGNIZED
          && signal != Signal.SIGNAL_RUNTIME_DEFAULT
          && number(signal.name().substring("SIGNAL_".length())).orElse(0) == number) {
        return signal;
      }
    }
    return Signal.SIGNAL_RUNTIME_DEFAULT;
  }

  /** {@code SIGTERM}, {@code TERM}, {@code 15}, {@code SIGRTMIN+3}, {@code SIGRTMINPLUS3}. */
  static OptionalInt number(String name) {
    String bare = name.strip().toUpperCase(Locale.ROOT);
    bare = bare.startsWith("SIG") ? bare.substring("SIG".length()) : bare;
    bare = bare.replace("PLUS", "+").replace("MINUS", "-");
    Integer known = NUMBERS.get(bare);
    if (known != null) {
      return OptionalInt.of(known);
    }
    try {
      int number =
          bare.startsWith("RTMIN+")
              ? RTMIN + Integer.parseInt(bare.substring("RTMIN+".length()))
              : bare.startsWith("RTMAX-")
                  ? RTMAX - Integer.parseInt(bare.substring("RTMAX-".length()))
                  : Integer.parseInt(bare);
      return number >= 1 && number <= RTMAX ? OptionalInt.of(number) : OptionalInt.empty();
    } catch (NumberFormatException _) {
      return OptionalInt.empty();
    }
  }
}
