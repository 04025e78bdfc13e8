package dev.hull.cli.command;

import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cri.host.HostException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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

  /** In the order in which help lists them. */
  private static final List<String> COMMANDS =
      List.of(
          "demo",
          "run",
          "apply",
          "delete",
          "get",
          "describe",
          "wait",
          "ps",
          "logs",
          "exec",
          "attach",
          "debug",
          "port-forward",
          "inspect",
          "rm",
          "pull",
          "load",
          "images",
          "rmi",
          "serve",
          "config",
          "doctor",
          "bench",
          "template",
          "completion");

  private static final Set<String> ASKING =
      Set.of(
          "attach",
          "debug",
          "exec",
          "images",
          "inspect",
          "logs",
          "port-forward",
          "ps",
          "rm",
          "rmi");

  /** Whether a command begins with a question to a daemon. */
  public static boolean asksADaemon(String name) {
    return ASKING.contains(name);
  }

  private static Object command(String name, Context context) {
    return switch (name) {
      case "demo" -> new DemoCommand(context);
      case "run" -> new RunCommand(context);
      case "apply" -> new ApplyCommand(context);
      case "delete" -> new DeleteCommand(context);
      case "get" -> new GetCommand(context);
      case "describe" -> new DescribeCommand(context);
      case "wait" -> new WaitCommand(context);
      case "ps" -> new PsCommand(context);
      case "logs" -> new LogsCommand(context);
      case "exec" -> new ExecCommand(context);
      case "attach" -> new AttachCommand(context);
      case "debug" -> new DebugCommand(context);
      case "port-forward" -> new PortForwardCommand(context);
      case "inspect" -> new InspectCommand(context);
      case "rm" -> new RmCommand(context);
      case "pull" -> new PullCommand(context);
      case "load" -> new LoadCommand(context);
      case "images" -> new ImagesCommand(context);
      case "rmi" -> new RmiCommand(context);
      case "serve" -> new ServeCommand(context);
      case "config" -> new ConfigCommand(context);
      case "doctor" -> new DoctorCommand(context);
      case "bench" -> new BenchCommand(context);
      case "template" -> new TemplateCommand(context);
      case "completion" -> new CompletionCommand(context);
      default -> throw new IllegalArgumentException("there is no command " + name);
    };
  }

  /** Runs a command line; its exit code. */
  public static int run(Context context, String... arguments) {
    return commandLine(context, arguments.length == 0 ? "" : arguments[0]).execute(arguments);
  }

  /**
   * The command line. A command that is named is read without the others: to read the annotations
   * of all takes longer than most commands.
   */
  private static CommandLine commandLine(Context context, String named) {
    CommandLine line = new CommandLine(new Hull());
    List<String> names = COMMANDS.contains(named) ? List.of(named) : COMMANDS;
    for (String name : names) {
      CommandLine command = new CommandLine(command(name, context));
      command.getCommandSpec().mixinStandardHelpOptions(true);
      line.addSubcommand(name, command);
    }
    if (named.equals("__complete")) {
      line.addSubcommand(
          new CommandLine(new CompleteCommand(context))
              // Its words are of the line that is typed, and none of them is meant for itself.
              .setStopAtPositional(true)
              .setUnmatchedOptionsArePositionalParams(true)
              .setEndOfOptionsDelimiter("\0"));
    }
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
    if (e instanceof UserException
        || e instanceof CriException
        || e instanceof HostException
        || e instanceof PodException) {
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
