package dev.hull.cli.command;

import dev.hull.cli.command.Completion.Candidate;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What the scripts of {@code hull completion} ask: how the last of these words can go on. A line a
 * candidate, what it does behind a tab; {@code :files} for names of files.
 */
@Command(name = "__complete", hidden = true)
final class CompleteCommand implements Callable<Integer> {
  private final Context context;

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters List<String> words = List.of();

  CompleteCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    for (Candidate one :
        Completion.of(
            spec.root(),
            words,
            options -> {
              DaemonOption daemon = new DaemonOption();
              daemon.socket = Path.of(options.getOrDefault("--socket", daemon.socket.toString()));
              return new NamesAtDaemon(context, daemon);
            })) {
      context
          .terminal()
          .out()
          .println(
              one.description().isEmpty() ? one.word() : one.word() + "\t" + one.description());
    }
    return ExitCodes.OK;
  }
}
