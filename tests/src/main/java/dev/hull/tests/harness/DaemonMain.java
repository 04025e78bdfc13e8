package dev.hull.tests.harness;

import dev.hull.cri.host.DaemonProvider;
import java.nio.file.Path;
import java.util.ServiceLoader;

/**
 * The daemon as users run it, in a process that a test may kill: {@code SOCKET ROOT GUEST_IMAGE
 * [standing]}.
 */
public final class DaemonMain {
  /** It is to last, so it prepares for pods to come. */
  public static final String STANDING = "standing";

  private DaemonMain() {}

  public static void main(String[] args) throws Exception {
    DaemonProvider provider = ServiceLoader.load(DaemonProvider.class).findFirst().orElseThrow();
    DaemonProvider.Options options =
        new DaemonProvider.Options(
            Path.of(args[0]),
            Path.of(args[1]),
            Path.of(args[2]),
            "",
            args.length > 3 && args[3].equals(STANDING));
    try (DaemonProvider.Daemon daemon = provider.start(options)) {
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close));
      daemon.awaitTermination();
    }
  }
}
