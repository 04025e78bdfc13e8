package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cri.v1.Container;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** hull attach. */
@Command(
    name = "attach",
    description = {
      "See what a container writes from now on, and with -i write to it.",
      "The container must want the one (stdin: true) and have the other (tty: true) of -i and -t."
    })
final class AttachCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin ContainerOption container = new ContainerOption();
  @Mixin StreamOption streams = new StreamOption();

  @Parameters(paramLabel = "POD", description = Lookup.POD_DESCRIPTION)
  String pod = "";

  AttachCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, InterruptedException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri, daemon.supervised());
      Container target = lookup.container(lookup.pod(pod), container.name, context);
      try {
        return streams.attach(context, cri, target.getId());
      } catch (CriException | IOException e) {
        throw UserException.of(e, target.getId(), target.getMetadata().getName());
      }
    }
  }
}
