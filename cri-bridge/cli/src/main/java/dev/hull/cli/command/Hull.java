package dev.hull.cli.command;

import dev.hull.cli.cri.CriException;
import dev.hull.cri.host.HostException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** The command {@code hull}, with all its commands. */
@Command(
    name = "hull",
    mixinStandardHelpOptions = true,
    version = "hull 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    description = "Runs every Kubernetes Pod in a microVM of its own.",
    footer = {
      "",
      "hull COMMAND --help tells more of each.",
      "The launcher ./hull also knows: test (the whole test suite), and --no-install (only say what"
          + " is missing)."
    })
public final class Hull implements Runnable {
  private Hull() {}

  /** The command line, with everything behind it. */
  public static CommandLine commandLine(Context context) {
    CommandLine line =
        new CommandLine(new Hull())
            .addSubcommand(new DemoCommand(context))
            .addSubcommand(new RunCommand(context))
            .addSubcommand(new ApplyCommand(context))
            .addSubcommand(new DeleteCommand(context))
            .addSubcommand(new GetCommand(context))
            .addSubcommand(new DescribeCommand(context))
            .addSubcommand(new PsCommand(context))
            .addSubcommand(new LogsCommand(context))
            .addSubcommand(new ExecCommand(context))
            .addSubcommand(new AttachCommand(context))
            .addSubcommand(new DebugCommand(context))
            .addSubcommand(new PortForwardCommand(context))
            .addSubcommand(new InspectCommand(context))
            .addSubcommand(new RmCommand(context))
            .addSubcommand(new PullCommand(context))
            .addSubcommand(new LoadCommand(context))
            .addSubcommand(new ImagesCommand(context))
            .addSubcommand(new RmiCommand(context))
            .addSubcommand(new ServeCommand(context))
            .addSubcommand(new ConfigCommand(context))
            .addSubcommand(new DoctorCommand(context))
            .addSubcommand(new BenchCommand(context))
            .addSubcommand(new TemplateCommand(context))
            .addSubcommand(new CompletionCommand(context));
    line.getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
    line.addSubcommand(
        new CommandLine(new CompleteCommand(context))
            // Its words are of the line that is being typed, and none of them is meant for itself.
            .setStopAtPositional(true)
            .setUnmatchedOptionsArePositionalParams(true)
            .setEndOfOptionsDelimiter("\0"));
    // A word such as @file is for the command in the container.
    line.setExpandAtFiles(false);
    line.registerConverter(Duration.class, Durations::parse);
    line.setOut(new PrintWriter(context.terminal().out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(context.terminal().err(), true, StandardCharsets.UTF_8));
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            context.terminal().outIsTerminal() ? Ansi.AUTO : Ansi.OFF));
    line.setExecutionExceptionHandler((e, command, result) -> failed(context, e, command));
    line.setParameterExceptionHandler((e, arguments) -> misused(context, e));
    return line;
  }

  @Override
  public void run() {
    throw new UnsupportedOperationException("hull needs a command");
  }

  private static int failed(Context context, Exception e, CommandLine command) {
    if (e instanceof UserException || e instanceof CriException || e instanceof HostException) {
      context.complain(e.getMessage());
      return ExitCodes.FAILED;
    }
    if (e instanceof UnsupportedOperationException && command.getCommand() instanceof Hull) {
      command.usage(command.getErr());
      return ExitCodes.USAGE;
    }
    if (context.environment().containsKey("HULL_TRACE")) {
      e.printStackTrace(context.terminal().err());
    }
    context.complain(e + " (HULL_TRACE=1 shows where)");
    return ExitCodes.FAILED;
  }

  private static int misused(Context context, ParameterException e) {
    context.complain(e.getMessage());
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    context.terminal().err().println("See: " + name + " --help");
    return ExitCodes.USAGE;
  }
}
