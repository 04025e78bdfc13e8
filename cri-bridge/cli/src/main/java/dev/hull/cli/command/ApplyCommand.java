package dev.hull.cli.command;

import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.supervisor.Spool;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** hull apply. */
@Command(
    name = "apply",
    description = {
      "Make it so that there is what manifests say; the daemon looks after it from then on.",
      "What is as it should be is left alone. A Pod that differs is ended, and another takes its"
          + " place; a ConfigMap or Secret that differs is seen in the Pods that mount it."
    })
final class ApplyCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin FileOption file = new FileOption();
  @Mixin NamespaceOption namespace = new NamespaceOption();

  ApplyCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException {
    if (file.files.isEmpty()) {
      throw new UserException("hull apply needs -f FILE");
    }
    Manifest manifest = new ManifestFiles(context).read(file.files, namespace.given);
    Spool spool = daemon.spool(context);
    // What pods refer to comes before them.
    List<Document> documents =
        manifest.documents().stream()
            .sorted(Comparator.comparing(document -> document instanceof Document.OfPod))
            .toList();
    for (Document document : documents) {
      Spool.Applied applied = spool.apply(document, context.clock().instant());
      context
          .terminal()
          .out()
          .println(
              document.kind().toLowerCase(Locale.ROOT)
                  + "/"
                  + document.name()
                  + " "
                  + applied.name().toLowerCase(Locale.ROOT));
    }
    return ExitCodes.OK;
  }
}
