package dev.hull.tests.recovery;

import dev.hull.cri.bridge.daemon.HullDaemonProvider;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.tests.harness.DaemonMain;
import java.nio.file.Path;

/**
 * A daemon that dies as by SIGKILL right after the first record of one kind that it writes: {@code
 * SOCKET ROOT GUEST_IMAGE KIND [standing]}.
 */
final class HaltingDaemon {
  static final int AS_BY_SIGKILL = 137;

  private HaltingDaemon() {}

  public static void main(String[] args) throws Exception {
    String kind = args[3];
    DaemonProvider provider =
        new HullDaemonProvider(
            (machine, record) -> {
              if (record.getClass().getSimpleName().equals(kind)) {
                Runtime.getRuntime().halt(AS_BY_SIGKILL);
              }
            });
    try (DaemonProvider.Daemon daemon =
        provider.start(
            new DaemonProvider.Options(
                Path.of(args[0]),
                Path.of(args[1]),
                Path.of(args[2]),
                "",
                args.length > 4 && args[4].equals(DaemonMain.STANDING)))) {
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close));
      daemon.awaitTermination();
    }
  }
}
