package dev.hull.tests.bench;

import dev.hull.cri.host.HostException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A boot of what a machine boots, by QEMU alone: the same kernel, initramfs, kernel command line,
 * processor, memory and devices.
 *
 * @param folder holds what the bare QEMU writes
 */
record BareBoot(QemuCommand command, Path folder) {
  /** What the first stage writes to the console before anything else. */
  static final String FIRST_LINE_IN_USERSPACE = "hull-init";

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** As the machine of this command. */
  static BareBoot like(QemuCommand machine, Path folder) throws IOException {
    return new BareBoot(machine.alone(folder), folder);
  }

  /** Boots once and says how long it took from the start of QEMU to the first line in userspace. */
  Duration run() throws HostException {
    Stopwatch watch = new Stopwatch();
    Process process;
    try {
      process =
          new ProcessBuilder(command.words())
              .redirectError(folder.resolve("bare.err").toFile())
              .start();
    } catch (IOException e) {
      throw new HostException("cannot start " + command.program() + ": " + e.getMessage(), e);
    }
    try (Watchdog _ = Watchdog.over(process, DEADLINE);
        BufferedReader console =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = console.readLine(); line != null; line = console.readLine()) {
        if (line.contains(FIRST_LINE_IN_USERSPACE)) {
          return watch.elapsed();
        }
      }
      throw new HostException(
          "the bare boot ended or took more than %d s; QEMU said: %s"
              .formatted(DEADLINE.toSeconds(), Files.readString(folder.resolve("bare.err"))));
    } catch (IOException e) {
      throw new HostException("cannot read the console of the bare boot: " + e.getMessage(), e);
    } finally {
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
