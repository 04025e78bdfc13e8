package dev.hull.tests.harness;

import dev.hull.cri.host.DaemonProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;

/**
 * The daemon as users run it, in a process that a test may kill: {@code SOCKET ROOT GUEST_IMAGE
 * [standing] [hypervisor=URI]}.
 */
public final class DaemonMain {
  /** It is to last, so it prepares for pods to come. */
  public static final String STANDING = "standing";

  /** What is before the libvirt URI of the hypervisor. */
  public static final String HYPERVISOR = "hypervisor=";

  private DaemonMain() {}

  public static void main(String[] args) throws Exception {
    List<String> further = List.of(args).subList(3, args.length);
    DaemonProvider provider = ServiceLoader.load(DaemonProvider.class).findFirst().orElseThrow();
    DaemonProvider.Options options =
        new DaemonProvider.Options(
            Path.of(args[0]),
            Path.of(args[1]),
            Path.of(args[2]),
            further.stream()
                .filter(argument -> argument.startsWith(HYPERVISOR))
                .map(argument -> argument.substring(HYPERVISOR.length()))
                .findFirst()
                .orElse(""),
            further.contains(STANDING));
    try (DaemonProvider.Daemon daemon = provider.start(options)) {
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close));
      daemon.awaitTermination();
    }
  }
}
