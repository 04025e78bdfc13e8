package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.RemoveImageRequest;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** hull rmi. */
@Command(name = "rmi", description = "Remove images.")
final class RmiCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Names or ids of images.")
  List<String> images = List.of();

  RmiCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    int code = ExitCodes.OK;
    try (Cri cri = daemon.connect(context)) {
      for (String image : images) {
        ImageSpec spec =
            ImageSpec.newBuilder().setImage(image).setUserSpecifiedImage(image).build();
        try {
          // CRI's own call succeeds for an image that is not there, which hides misspellings.
          boolean present =
              cri.images(
                      Cri.QUICK,
                      stub ->
                          stub.imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build()))
                  .hasImage();
          if (!present) {
            context.complain("there is no image " + image + "; see hull images");
            code = ExitCodes.FAILED;
            continue;
          }
          var _ =
              cri.images(
                  Cri.SLOW,
                  stub -> stub.removeImage(RemoveImageRequest.newBuilder().setImage(spec).build()));
          context.terminal().out().println(image);
        } catch (CriException e) {
          context.complain("cannot remove " + image + ": " + e.getMessage());
          code = ExitCodes.FAILED;
        }
      }
    }
    return code;
  }
}
