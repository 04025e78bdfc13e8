package dev.hull.cli.command;

import dev.hull.cli.daemon.Daemons;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** hull config default|unit. */
@Command(
    name = "config",
    description = "What hull serve is set up with: a settings file, a unit for systemd.")
final class ConfigCommand {
  // What systemd would take apart or replace in a command line.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@+=-]+");

  /** Finds the daemon whose settings they are. */
  @FunctionalInterface
  interface Provider {
    DaemonProvider get() throws HostException;
  }

  private final Context context;
  private final Provider provider;

  ConfigCommand(Context context) {
    this(context, Daemons::provider);
  }

  ConfigCommand(Context context, Provider provider) {
    this.context = context;
    this.provider = provider;
  }

  @Command(
      name = "default",
      description = {
        "Print a settings file with every setting, what it means, and its default.",
        "hull serve reads ROOT/hull.yaml, or what --config names."
      })
  int defaults() throws HostException {
    context.terminal().out().print(provider.get().defaultConfig());
    return ExitCodes.OK;
  }

  @Command(
      name = "unit",
      description = {
        "Print a unit for systemd that runs hull serve.",
        "For /etc/systemd/system/hull.service."
      })
  int unit(
      @Option(names = "--socket", paramLabel = "PATH", description = "As for hull serve.")
          Optional<Path> socket,
      @Option(names = "--root", paramLabel = "DIR", description = "As for hull serve.")
          Optional<Path> root,
      @Option(names = "--config", paramLabel = "FILE", description = "As for hull serve.")
          Optional<Path> config)
      throws UserException {
    String unit =
        template()
            .replace("@JAVA_HOME@", plain(environment("JAVA_HOME")))
            .replace("@LAUNCHER@", plain(environment("HULL_HOME") + "/hull"))
            .replace("@SOCKET@", plain(socket.orElse(Daemons.DEFAULT_SOCKET)))
            .replace("@ROOT@", plain(root.orElse(Daemons.DEFAULT_ROOT)))
            .replace("@CONFIG@", config.isPresent() ? " --config " + plain(config.get()) : "");
    context.terminal().out().print(unit);
    return ExitCodes.OK;
  }

  private String environment(String name) throws UserException {
    String value = context.environment().get(name);
    if (value == null || value.isEmpty()) {
      throw new UserException(name + " is not set; start hull by its launcher ./hull");
    }
    return value;
  }

  private static String plain(Path path) throws UserException {
    return plain(path.toAbsolutePath().toString());
  }

  private static String plain(String path) throws UserException {
    if (!PLAIN.matcher(path).matches()) {
      throw new UserException(
          "the path %s has characters that a unit would take apart; choose another one"
              .formatted(path));
    }
    return path;
  }

  private static String template() {
    try (InputStream text = ConfigCommand.class.getResourceAsStream("/hull.service")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read hull.service of this program", e);
    }
  }
}
