package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cri.v1.AuthConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull pull. */
@Command(name = "pull", description = "Fetch an image from its registry.")
final class PullCommand implements Callable<Integer> {
  private static final int MAX_PASSWORD_BYTES = 64 << 10;

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();

  @Parameters(
      paramLabel = "IMAGE",
      description = "Such as nginx, nginx:1.25 or ghcr.io/a/b@sha256:…")
  String image = "";

  @Option(names = "--username", paramLabel = "NAME", description = "Who asks the registry.")
  Optional<String> username = Optional.empty();

  @Option(
      names = "--password-stdin",
      description = "Read the password from standard input, so that no process list shows it.")
  boolean passwordStdin;

  PullCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call()
      throws UserException, IOException, PodException, StopException, InterruptedException {
    if (username.isPresent() != passwordStdin) {
      throw new UserException("--username and --password-stdin go together");
    }
    AuthConfig auth = AuthConfig.getDefaultInstance();
    if (username.isPresent()) {
      byte[] password = context.in().readNBytes(MAX_PASSWORD_BYTES);
      auth =
          AuthConfig.newBuilder()
              .setUsername(username.get())
              .setPassword(new String(password, StandardCharsets.UTF_8).strip())
              .build();
    }
    try (Cri cri = daemon.connect(context)) {
      StopRequest never = new StopRequest(context.time(), Optional.empty());
      String reference = context.puller(cri, new Timeline(context.time())).pull(image, auth, never);
      context.terminal().out().println(reference);
      return ExitCodes.OK;
    }
  }
}
