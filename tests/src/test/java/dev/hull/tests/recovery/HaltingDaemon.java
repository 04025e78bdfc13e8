package dev.hull.tests.recovery;

import dev.hull.cri.bridge.daemon.HullDaemonProvider;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.vm.journal.JournalRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A daemon that dies as by SIGKILL right after the journal's n-th record: {@code SOCKET ROOT
 * GUEST_IMAGE RECORDS N}. It lists the records in the file RECORDS; with an N of 0 it lives.
 */
final class HaltingDaemon {
  private static final int AS_BY_SIGKILL = 137;

  private HaltingDaemon() {}

  public static void main(String[] args) throws Exception {
    Path records = Path.of(args[3]);
    int last = Integer.parseInt(args[4]);
    AtomicInteger count = new AtomicInteger();
    DaemonProvider provider =
        new HullDaemonProvider(
            (machine, record) -> {
              list(records, record);
              if (count.incrementAndGet() == last) {
                Runtime.getRuntime().halt(AS_BY_SIGKILL);
              }
            });
    try (DaemonProvider.Daemon daemon =
        provider.start(
            new DaemonProvider.Options(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]), ""))) {
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close));
      daemon.awaitTermination();
    }
  }

  private static synchronized void list(Path records, JournalRecord record) {
    try {
      Files.writeString(
          records,
          record.getClass().getSimpleName() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
