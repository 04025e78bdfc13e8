package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.acceleration.AccelerationProbe;
import dev.hull.vm.acceleration.AccelerationProbe.Verdict;
import dev.hull.vm.acceleration.DomainTrial;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.libvirt.LibvirtConfig;
import dev.hull.vm.libvirt.LibvirtHypervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** How machines will be run on this host, asked by a process that runs none. */
public final class HostAcceleration {
  /** What the boot probe found; it holds for all roots until the host is rebooted. */
  static final Path ANSWER = Path.of("/run/hull/acceleration");

  private static final Path FOLDER = Path.of("/run/hull");

  private HostAcceleration() {}

  /**
   * The answer that is remembered, or one found out by booting the image's kernel, which takes a
   * few seconds and leaves nothing but the answer.
   *
   * @throws MachineException if there is no such image, or what a trial needs is missing
   */
  public static Verdict verdict(Path guestImage) {
    Path kernel = GuestImage.read(guestImage).boot().kernel();
    Path emulator = LibvirtConfig.embedded(FOLDER).emulator();
    try {
      return new AccelerationProbe(
              AccelerationProbe.Host.current(kernel, emulator),
              ANSWER,
              (acceleration, deadline) -> trial(kernel, acceleration, deadline))
          .verdict();
    } catch (NotTried e) {
      throw e.reason;
    }
  }

  /** Past the probe, which would take a missing library for a KVM that does not work. */
  private static final class NotTried extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient MachineException reason;

    private NotTried(MachineException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private static void trial(Path kernel, Acceleration acceleration, Duration deadline) {
    try {
      Path place = Files.createTempDirectory(Files.createDirectories(FOLDER), "trial-");
      try {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
        try (Hypervisor hypervisor = open(place.resolve("libvirt"))) {
          new DomainTrial(hypervisor, place.resolve("trials"), kernel, new SecureRandom())
              .boot(acceleration, deadline);
        }
      } finally {
        delete(place);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Hypervisor open(Path folder) {
    try {
      return LibvirtHypervisor.open(LibvirtConfig.embedded(folder));
    } catch (MachineException e) {
      throw new NotTried(e);
    }
  }

  private static void delete(Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
