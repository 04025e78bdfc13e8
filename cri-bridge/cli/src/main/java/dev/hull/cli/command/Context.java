package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.ImagePuller;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.terminal.PullProgress;
import dev.hull.cli.terminal.Style;
import dev.hull.cli.terminal.Terminal;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every command gets from outside.
 *
 * @param root where the folders of pods are, and below {@code run/} the roots of daemons for one
 *     command
 * @param connect makes a connection to a socket
 */
public record Context(
    Terminal terminal,
    InputStream in,
    Map<String, String> environment,
    Time time,
    InstantSource clock,
    Mounts mounts,
    Path root,
    Function<Path, Cri> connect) {

  public Context {
    environment = Map.copyOf(environment);
  }

  Style style() {
    return terminal.style(environment);
  }

  ImagePuller puller(Cri cri, Timeline timeline) {
    return new ImagePuller(cri, new PullProgress(terminal), time, timeline);
  }

  /** Prints a sentence about something that went wrong, but not so wrong that all ends. */
  void complain(@Nullable String sentence) {
    terminal.err().println("hull: " + sentence);
  }
}
