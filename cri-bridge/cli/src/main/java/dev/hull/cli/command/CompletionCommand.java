package dev.hull.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** hull completion. */
@Command(
    name = "completion",
    description = {
      "Print a script by which a shell completes commands, options, and names of pods, containers"
          + " and images.",
      "",
      "bash:  source <(hull completion bash)",
      "zsh:   source <(hull completion zsh)",
      "fish:  hull completion fish | source"
    })
final class CompletionCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "SHELL", converter = Converter.class, description = "bash, zsh or fish.")
  Shell shell = Shell.BASH;

  enum Shell {
    BASH,
    ZSH,
    FISH;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  CompletionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(
            CompletionCommand.class.getResourceAsStream("hull." + shell.text()))) {
      script.transferTo(context.terminal().out());
    }
    return ExitCodes.OK;
  }

  static final class Converter implements ITypeConverter<Shell> {
    @Override
    public Shell convert(String text) {
      return Arrays.stream(Shell.values())
          .filter(shell -> shell.text().equals(text))
          .findFirst()
          .orElseThrow(
              () -> new TypeConversionException("expected bash, zsh or fish, not " + text));
    }
  }
}
