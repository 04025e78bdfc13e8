package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull load. */
@Command(
    name = "load",
    description = "Take images from an OCI layout on this host: a folder, or a tar file of one.")
final class LoadCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(arity = "0..1", paramLabel = "PATH", description = "The layout.")
  Optional<Path> layout = Optional.empty();

  @Option(
      names = "--samples",
      description =
          "Instead of a layout: the images of the examples, hull.local/…, which are made from Debian"
              + " packages first.")
  boolean samples;

  @Option(
      names = "--name",
      paramLabel = "IMAGE",
      description = "What to call an image for which the layout has no name.")
  String name = "";

  LoadCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, PodException, StopException, InterruptedException {
    Path path = layout().toAbsolutePath().normalize();
    if (Files.isDirectory(path) && !Files.exists(path.resolve("index.json"))) {
      throw new UserException(path + " is no OCI layout: it has no index.json");
    }
    if (!Files.exists(path)) {
      throw new UserException(path + " does not exist");
    }
    try (Cri cri = daemon.connect(context)) {
      StopRequest never = new StopRequest(context.time(), Optional.empty());
      String reference = context.puller(cri, new Timeline(context.time())).load(path, name, never);
      context.terminal().out().println(reference);
      return ExitCodes.OK;
    }
  }

  private Path layout() throws UserException {
    if (layout.isPresent() == samples) {
      throw new UserException("hull load needs either a PATH or --samples");
    }
    if (layout.isPresent()) {
      return layout.get();
    }
    return Optional.ofNullable(context.environment().get("HULL_SAMPLES"))
        .map(Path::of)
        .orElseThrow(() -> new UserException("the launcher ./hull makes the samples: use that"));
  }
}
