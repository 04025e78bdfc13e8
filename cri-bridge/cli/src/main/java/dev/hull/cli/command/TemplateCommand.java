package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.terminal.Amounts;
import dev.hull.cli.terminal.Table;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.cri.host.TemplateStore;
import dev.hull.cri.host.TemplateStore.Entry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull template ls|build|rm. */
@Command(
    name = "template",
    description = "The saved machine that pods' machines are copies of: list, make, remove.")
final class TemplateCommand {
  private static final int SHOWN_DIGITS = 12;

  private final Context context;
  private final Supplier<Optional<TemplateStore>> stores;

  TemplateCommand(Context context) {
    this(context, () -> ServiceLoader.load(TemplateStore.class).findFirst());
  }

  TemplateCommand(Context context, Supplier<Optional<TemplateStore>> stores) {
    this.context = context;
    this.stores = stores;
  }

  private TemplateStore store() throws UserException {
    return stores
        .get()
        .orElseThrow(
            () ->
                new UserException(
                    "this hull has no machines on its class path; start it by the launcher ./hull"));
  }

  @Command(name = "ls", description = "List the templates that are here.")
  int ls(@Mixin OutputOption output) throws UserException, HostException {
    List<Entry> entries = store().list();
    if (output.json()) {
      context.terminal().out().println(OutputOption.render(json(entries)));
    } else {
      Table table = new Table("TEMPLATE", "VCPUS", "MEMORY", "DATA", "GUEST IMAGE", "MADE");
      for (Entry entry : entries) {
        table.row(
            shortForm(entry.id()),
            Integer.toString(entry.vcpus()),
            entry.memoryMib() + " MiB",
            Amounts.bytes(entry.dataBytes()),
            shortForm(entry.guestImage()),
            entry.madeAt().toString());
      }
      context.terminal().out().print(table.render());
    }
    return ExitCodes.OK;
  }

  private static String shortForm(String digits) {
    return digits.substring(0, Math.min(SHOWN_DIGITS, digits.length()));
  }

  @Command(
      name = "build",
      description = {
        "Make the template of the machine that a pod without limits gets, unless it is there.",
        "The daemon does so by itself when it starts; hull run uses what is there."
      })
  int build(
      @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
          Optional<Path> guestImage,
      @Option(
              names = "--root",
              paramLabel = "DIR",
              description = "Where to work (default: /var/lib/hull/template).")
          Optional<Path> root)
      throws UserException, HostException {
    Path work = root.orElse(Daemons.DEFAULT_ROOT.resolve("template")).toAbsolutePath();
    boolean there =
        store()
            .build(
                new DaemonProvider.Options(
                    work.resolve("hull.sock"),
                    work,
                    Daemons.guestImage(guestImage, context.environment()),
                    "",
                    false));
    if (!there) {
      throw new UserException(
          "there is no template; the lines above say why, or another hull is making it. Machines boot meanwhile");
    }
    context.terminal().err().println("the template is there");
    return ExitCodes.OK;
  }

  @Command(name = "rm", description = "Remove a template; machines that are copies of it run on.")
  int rm(
      @Parameters(paramLabel = "TEMPLATE", description = "Its id, or how that begins.") String id)
      throws UserException, HostException {
    List<String> meant =
        store().list().stream().map(Entry::id).filter(name -> name.startsWith(id)).toList();
    if (id.isEmpty() || meant.size() != 1 || !store().remove(meant.getFirst())) {
      throw new UserException(
          meant.size() > 1
              ? "the id %s is that of %d templates; give more of it".formatted(id, meant.size())
              : "there is no template %s; see hull template ls".formatted(id));
    }
    context.terminal().out().println(meant.getFirst());
    return ExitCodes.OK;
  }

  private static JsonObject json(List<Entry> entries) {
    JsonArray items = new JsonArray();
    for (Entry entry : entries) {
      JsonObject item = new JsonObject();
      item.addProperty("id", entry.id());
      item.addProperty("vcpus", entry.vcpus());
      item.addProperty("memoryMib", entry.memoryMib());
      item.addProperty("guestImage", entry.guestImage());
      item.addProperty("dataBytes", entry.dataBytes());
      item.addProperty("madeAt", entry.madeAt().toString());
      items.add(item);
    }
    JsonObject root = new JsonObject();
    root.add("templates", items);
    return root;
  }
}
