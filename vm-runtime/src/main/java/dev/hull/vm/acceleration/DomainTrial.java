package dev.hull.vm.acceleration;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.hypervisor.SizeRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A trial boot as a domain like any other: same devices, same user, same sandbox; so what stops
 * machines stops it too.
 */
public final class DomainTrial implements TrialBoot {
  private static final String LINE = "hull-trial: userspace";
  private static final String PREFIX = "trial-";
  private static final Pattern PLACE = Pattern.compile(PREFIX + "([0-9a-f]{12})");
  private static final Duration STEP = Duration.ofMillis(20);
  private static final int ROUNDS_TO_DRAIN = 25;
  private static final int MEMORY_MIB = 256;
  private static final int DISK_BYTES = 1 << 20;

  private final Hypervisor hypervisor;
  private final Path folder;
  private final Path kernel;
  private final RandomGenerator random;

  /**
   * @param folder for the trial's files; QEMU's user must be let through
   * @param kernel the guest image's, uncompressed
   */
  public DomainTrial(Hypervisor hypervisor, Path folder, Path kernel, RandomGenerator random) {
    this.hypervisor = hypervisor;
    this.folder = folder;
    this.kernel = kernel;
    this.random = random;
  }

  /** Ends and deletes what a process that was killed during a trial has left. Idempotent. */
  public void releaseLeftovers() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path place : files.toList()) {
        Matcher trial = PLACE.matcher(place.getFileName().toString());
        if (trial.matches()) {
          hypervisor.destroy(DomainName.ofShortForm(trial.group(1)));
          remove(place);
        }
      }
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot look for trial boots' leftovers in " + folder + ": " + e, e);
    }
  }

  @Override
  public void boot(Acceleration acceleration, Duration deadline) {
    MachineId id = MachineId.random(random);
    Path place = folder.resolve(PREFIX + id.shortForm());
    try {
      DomainSpec spec = spec(id, place, acceleration);
      try {
        hypervisor.start(spec);
        awaitLine(spec, deadline);
      } finally {
        hypervisor.destroy(spec.name());
      }
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot make the files of a trial boot in " + place + ": " + e, e);
    } finally {
      remove(place);
    }
  }

  private DomainSpec spec(MachineId id, Path place, Acceleration acceleration) throws IOException {
    Files.createDirectories(place.resolve("share"));
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
    Path initramfs =
        Files.write(
            place.resolve("initramfs"), TinyGuest.initramfs(LINE, TinyGuest.Deed.POWER_OFF));
    Path root = Files.write(place.resolve("root"), new byte[DISK_BYTES]);
    Path scratch = Files.write(place.resolve("scratch"), new byte[DISK_BYTES]);
    Files.setPosixFilePermissions(initramfs, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rw-r--r--"));
    // QEMU's user writes it, and whose that is only the hypervisor knows.
    Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rw-rw-rw-"));
    return new DomainSpec(
        id,
        SizeRange.only(new MachineSize(1, MEMORY_MIB)),
        acceleration,
        new DomainSpec.Boot(kernel, initramfs, "console=ttyS0 quiet panic=-1"),
        Optional.empty(),
        root,
        Optional.of(scratch),
        DomainSpec.Ports.in(place),
        new DomainSpec.Console(place.resolve("console.sock"), place.resolve("console.log")),
        Optional.of(place.resolve("share")),
        Optional.empty());
  }

  private void awaitLine(DomainSpec spec, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    int roundsDead = 0;
    while (true) {
      // A guest that has said its line is gone a moment later, maybe before its line is in the log.
      if (hypervisor.state(spec.name()).isEmpty()) {
        roundsDead++;
      }
      List<String> console = ConsoleLog.tail(spec.console().log(), 50);
      if (console.stream().anyMatch(line -> line.contains(LINE))) {
        return;
      }
      String last = console.isEmpty() ? "nothing" : console.getLast();
      if (roundsDead > ROUNDS_TO_DRAIN) {
        throw new MachineException(
            Kind.UNAVAILABLE, "the guest died before it came up; its last line was: " + last);
      }
      if (System.nanoTime() - end >= 0) {
        throw new MachineException(
            Kind.DEADLINE,
            "the guest was not up after %d ms; its last line was: %s"
                .formatted(deadline.toMillis(), last));
      }
      try {
        Thread.sleep(STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MachineException(Kind.UNAVAILABLE, "interrupted during a trial boot", e);
      }
    }
  }

  private static void remove(Path place) {
    if (!Files.exists(place)) {
      return;
    }
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot remove " + place + ": " + e, e);
    }
  }
}
