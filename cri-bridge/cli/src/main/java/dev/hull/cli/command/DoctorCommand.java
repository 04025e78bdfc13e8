package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.daemon.DaemonCheck;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.terminal.Style;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.Doctor;
import dev.hull.cri.host.Doctor.Check;
import dev.hull.cri.host.Doctor.Verdict;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** hull doctor. */
@Command(
    name = "doctor",
    description = "Check everything that a run needs; exit code 1 if something is missing.")
final class DoctorCommand implements Callable<Integer> {
  private final Context context;
  private final Supplier<Optional<Doctor>> doctors;
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "The daemon's (default: /var/lib/hull).")
  Path root = Daemons.DEFAULT_ROOT;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Where the daemon listens, if one runs (default: /run/hull/hull.sock).")
  Path socket = Daemons.DEFAULT_SOCKET;

  @Option(names = "--hypervisor", paramLabel = "URI", description = "A libvirt connection URI.")
  String hypervisor = "";

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  DoctorCommand(Context context) {
    this(context, () -> ServiceLoader.load(Doctor.class).findFirst());
  }

  DoctorCommand(Context context, Supplier<Optional<Doctor>> doctors) {
    this.context = context;
    this.doctors = doctors;
  }

  @Override
  public Integer call() {
    // Where no image was made yet, the doctor says so of the place where it would be.
    Path guest =
        guestImage
            .or(
                () ->
                    Optional.ofNullable(context.environment().get("HULL_GUEST_IMAGE"))
                        .map(Path::of))
            .orElse(Path.of("/var/cache/hull/guest"));
    DaemonProvider.Options options =
        new DaemonProvider.Options(
            socket, root.toAbsolutePath(), guest.toAbsolutePath(), hypervisor, false);
    Check noDaemon =
        new Check(
            "daemon",
            Verdict.MISSING,
            "not on the class path",
            "start hull by its launcher ./hull");
    List<Check> checks =
        doctors
            .get()
            .map(doctor -> all(doctor.examine(options), DaemonCheck.of(socket, context.connect())))
            .orElse(List.of(noDaemon));
    if (output.json()) {
      context.terminal().out().println(OutputOption.render(json(checks)));
    } else {
      print(checks);
    }
    boolean missing = checks.stream().anyMatch(check -> check.verdict() == Verdict.MISSING);
    return missing ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private static List<Check> all(List<Check> host, Check daemon) {
    return Stream.concat(host.stream(), Stream.of(daemon)).toList();
  }

  private void print(List<Check> checks) {
    PrintStream out = context.terminal().out();
    Style style = context.style();
    int width = checks.stream().mapToInt(check -> check.name().length()).max().orElse(0);
    for (Check check : checks) {
      String verdict =
          switch (check.verdict()) {
            case GOOD -> style.good("good   ");
            case WARNING -> style.warning("warning");
            case MISSING -> style.bad("missing");
          };
      String name = check.name() + " ".repeat(width - check.name().length());
      out.println(verdict + "  " + name + "  " + check.found());
      if (!check.remedy().isEmpty()) {
        out.println("         " + " ".repeat(width) + "  remedy: " + check.remedy());
      }
    }
  }

  private static JsonObject json(List<Check> checks) {
    JsonArray items = new JsonArray();
    for (Check check : checks) {
      JsonObject item = new JsonObject();
      item.addProperty("name", check.name());
      item.addProperty("verdict", check.verdict().name());
      item.addProperty("found", check.found());
      item.addProperty("remedy", check.remedy());
      items.add(item);
    }
    JsonObject root = new JsonObject();
    root.add("checks", items);
    return root;
  }
}
