package dev.hull.cli.daemon;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.VersionRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;

/** Finds the daemon that answers, and the provider that starts one. */
public final class Daemons {
  /** Where a daemon listens unless it is told otherwise. */
  public static final Path DEFAULT_SOCKET = Path.of("/run/hull/hull.sock");

  /** Where a daemon keeps everything unless it is told otherwise. */
  public static final Path DEFAULT_ROOT = Path.of("/var/lib/hull");

  private static final Duration ANSWER = Duration.ofSeconds(3);

  private Daemons() {}

  /** Connects if a daemon answers at the socket. */
  public static Optional<Cri> answering(Path socket, Function<Path, Cri> connect) {
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    Cri cri = connect.apply(socket);
    try {
      var _ = cri.runtime(ANSWER, stub -> stub.version(VersionRequest.getDefaultInstance()));
      return Optional.of(cri);
    } catch (CriException e) {
      cri.close();
      return Optional.empty();
    }
  }

  /** The provider on the class path. */
  public static DaemonProvider provider() throws HostException {
    return ServiceLoader.load(DaemonProvider.class)
        .findFirst()
        .orElseThrow(
            () ->
                new HostException(
                    "this hull has no daemon on its class path; start it by the launcher ./hull"));
  }

  /**
   * The guest image's folder.
   *
   * @param option as given on the command line
   */
  public static Path guestImage(Optional<Path> option, Map<String, String> environment)
      throws HostException {
    Optional<Path> chosen =
        option.or(() -> Optional.ofNullable(environment.get("HULL_GUEST_IMAGE")).map(Path::of));
    if (chosen.isEmpty()) {
      throw new HostException(
          "no guest image is known; start hull by its launcher, or set HULL_GUEST_IMAGE to a folder"
              + " made by images/guest");
    }
    if (!Files.isReadable(chosen.get().resolve("guest-image.properties"))) {
      throw new HostException(
          "there is no guest image in "
              + chosen.get()
              + " (guest-image.properties is missing); delete the folder and start ./hull again");
    }
    return chosen.get().toAbsolutePath();
  }
}
