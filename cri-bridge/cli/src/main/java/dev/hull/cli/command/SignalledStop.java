package dev.hull.cli.command;

import dev.hull.cli.kubelet.Signals;
import dev.hull.cli.kubelet.StopRequest;

/** Turns Ctrl-C into a request to stop, and a second Ctrl-C into an end at once. */
final class SignalledStop implements AutoCloseable {
  private final Signals signals;

  SignalledStop(StopRequest stop, Context context) {
    this.signals =
        new Signals(
            number -> {
              String name =
                  switch (number) {
                    case 2 -> "Ctrl-C";
                    case 15 -> "SIGTERM";
                    default -> "SIGHUP";
                  };
              if (stop.signalled(name, number)) {
                context.complain("stopping the pod; once more ends at once and leaves it behind");
              } else {
                Runtime.getRuntime().halt(128 + number);
              }
            });
  }

  @Override
  public void close() {
    signals.close();
  }
}
