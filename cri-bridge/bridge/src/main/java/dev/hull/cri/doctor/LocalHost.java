package dev.hull.cri.doctor;

import dev.hull.vm.MachineException;
import dev.hull.vm.acceleration.AccelerationProbe.Verdict;
import dev.hull.vm.machine.HostAcceleration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** This machine. */
final class LocalHost implements Host {
  private static final long COMMAND_SECONDS = 10;
  private static final long OUTPUT_BYTES = 64 * 1024;

  private final String searchPath;

  LocalHost(String searchPath) {
    this.searchPath = searchPath;
  }

  @Override
  public int javaFeatureVersion() {
    return Runtime.version().feature();
  }

  @Override
  public long effectiveUid() {
    return line(Path.of("/proc/self/status"), "Uid:")
        .map(line -> Long.parseLong(line.strip().split("\\s+", -1)[2]))
        .orElse(-1L);
  }

  @Override
  public boolean isFile(Path path) {
    return Files.isRegularFile(path);
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public boolean isExecutable(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }

  @Override
  public Optional<Path> find(String command) {
    return Arrays.stream(searchPath.split(":", -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, command))
        .filter(this::isExecutable)
        .findFirst();
  }

  @Override
  public Optional<String> run(List<String> command) {
    try {
      Path out = Files.createTempFile("hull-doctor", ".out");
      try {
        // Into a file: a command that hangs must not hold us by its pipe.
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return Optional.empty();
        }
        if (process.exitValue() != 0 || Files.size(out) > OUTPUT_BYTES) {
          return Optional.empty();
        }
        return Optional.of(new String(Files.readAllBytes(out), StandardCharsets.UTF_8));
      } finally {
        Files.delete(out);
      }
    } catch (IOException _) {
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public boolean userExists(String name) {
    return line(Path.of("/etc/passwd"), name + ":").isPresent()
        || run(List.of("getent", "passwd", name)).isPresent();
  }

  @Override
  public Optional<Long> freeDiskBytes(Path path) {
    for (Path folder = path.toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder)) {
        try {
          return Optional.of(Files.getFileStore(folder).getUsableSpace());
        } catch (IOException _) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Long> availableMemoryBytes() {
    return line(Path.of("/proc/meminfo"), "MemAvailable:")
        .map(line -> Long.parseLong(line.strip().split("\\s+", -1)[1]) * 1024);
  }

  @Override
  public Acceleration acceleration(Path guestImage) {
    try {
      Verdict verdict = HostAcceleration.verdict(guestImage);
      return new Acceleration(
          verdict.acceleration() == dev.hull.vm.hypervisor.Acceleration.KVM,
          verdict.reason(),
          verdict.remedy());
    } catch (MachineException e) {
      return new Acceleration(
          false,
          "KVM could not be tried: " + e.getMessage().lines().findFirst().orElse(""),
          "mend what is missing above, and try again");
    }
  }

  private static Optional<String> line(Path file, String start) {
    try (var lines = Files.lines(file)) {
      return lines.filter(line -> line.startsWith(start)).findFirst();
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
