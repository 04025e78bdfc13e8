package dev.hull.vm.acceleration;

import dev.hull.vm.MachineException;
import dev.hull.vm.hypervisor.Acceleration;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how machines are to be run. A {@code /dev/kvm} that opens can still be unusable: there are
 * hosts where a stock kernel under it takes minutes to boot. So the guest's kernel is booted under
 * it once, with a deadline; the answer is kept in a file for as long as the host is not rebooted
 * and neither kernel nor QEMU changes.
 *
 * <p>Thread-safe. The first call may block for the deadline and a little more.
 */
public final class AccelerationProbe {
  /** KVM boots in a fraction of it, and where it does not, TCG is faster. */
  public static final Duration DEADLINE = Duration.ofSeconds(4);

  private static final Logger log = LoggerFactory.getLogger(AccelerationProbe.class);

  /**
   * How to run machines, and a sentence that says why.
   *
   * @param remedy what may make KVM work; empty if it does
   * @param measured whether this call booted a guest to find out
   */
  public record Verdict(
      Acceleration acceleration, String reason, String remedy, boolean measured) {}

  /**
   * What the answer depends on.
   *
   * @param device {@code /dev/kvm}
   * @param bootId changes with each boot of the host
   * @param programs files whose change makes the answer void: kernel and QEMU
   */
  public record Host(Path device, Path bootId, List<Path> programs) {
    public Host {
      programs = List.copyOf(programs);
    }

    /** This host. */
    public static Host current(Path kernel, Path emulator) {
      return new Host(
          Path.of("/dev/kvm"),
          Path.of("/proc/sys/kernel/random/boot_id"),
          List.of(kernel, emulator));
    }
  }

  private final Host host;
  private final Path file;
  private final TrialBoot trial;

  /**
   * @param file where the answer is kept
   */
  public AccelerationProbe(Host host, Path file, TrialBoot trial) {
    this.host = host;
    this.file = file;
    this.trial = trial;
  }

  /** The answer, found out if it is not known. Never fails: where KVM is in doubt it is TCG. */
  public synchronized Verdict verdict() {
    String key = key();
    Optional<Verdict> remembered = remembered(key);
    if (remembered.isPresent()) {
      return remembered.get();
    }
    Verdict verdict = findOut();
    if (verdict.acceleration() == Acceleration.TCG) {
      log.warn(
          "machines run WITHOUT hardware virtualization, ten times slower: {}; {}",
          verdict.reason(),
          verdict.remedy());
    }
    remember(key, verdict);
    return verdict;
  }

  private Verdict findOut() {
    if (!Files.exists(host.device())) {
      return tcg(
          host.device() + " does not exist",
          "load the module kvm_intel or kvm_amd, or switch on virtualization in the firmware or"
              + " nested virtualization in the host above");
    }
    if (!Files.isReadable(host.device()) || !Files.isWritable(host.device())) {
      return tcg(host.device() + " cannot be opened for reading and writing", "run as root");
    }
    long began = System.nanoTime();
    try {
      trial.boot(Acceleration.KVM, DEADLINE);
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      return new Verdict(
          Acceleration.KVM,
          "the guest's kernel booted under KVM in %d ms".formatted(took.toMillis()),
          "",
          true);
    } catch (MachineException e) {
      return new Verdict(
          Acceleration.TCG,
          "the guest's kernel does not boot under KVM here: " + firstLine(e),
          "mend what it says, or use a host whose virtualization is whole; delete %s to have it tried again"
              .formatted(file),
          true);
    }
  }

  /** What follows it are logs, for whoever starts a machine. */
  private static String firstLine(MachineException e) {
    return e.getMessage().lines().findFirst().orElse("no reason was given");
  }

  private static Verdict tcg(String reason, String remedy) {
    return new Verdict(Acceleration.TCG, reason, remedy, false);
  }

  private String key() {
    StringBuilder key = new StringBuilder();
    try {
      key.append(Files.readString(host.bootId()).strip());
      for (Path program : host.programs()) {
        key.append(' ').append(program).append(' ').append(Files.size(program)).append(' ');
        key.append(Files.getLastModifiedTime(program).toMillis());
      }
      // A device that appears or is opened to others later is worth another look.
      key.append(' ');
      key.append(
          Files.exists(host.device())
              ? Files.readAttributes(host.device(), "unix:mode,gid")
              : "missing");
      return key.toString();
    } catch (IOException e) {
      log.warn("what the acceleration depends on cannot be read, so it is found out each time", e);
      return "";
    }
  }

  private Optional<Verdict> remembered(String key) {
    Properties kept = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      kept.load(reader);
      if (key.isEmpty() || !key.equals(kept.getProperty("key"))) {
        return Optional.empty();
      }
      return Optional.of(
          new Verdict(
              Acceleration.valueOf(kept.getProperty("acceleration", "")),
              kept.getProperty("reason", ""),
              kept.getProperty("remedy", ""),
              false));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      log.warn("{} cannot be read, so the acceleration is found out again", file, e);
      return Optional.empty();
    }
  }

  private void remember(String key, Verdict verdict) {
    Properties kept = new Properties();
    kept.setProperty("key", key);
    kept.setProperty("acceleration", verdict.acceleration().name());
    kept.setProperty("reason", verdict.reason());
    kept.setProperty("remedy", verdict.remedy());
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (var writer = Files.newBufferedWriter(next, StandardCharsets.UTF_8)) {
        kept.store(writer, "found out by booting; delete it to have it found out again");
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("{} cannot be written, so the acceleration will be found out again", file, e);
    }
  }
}
