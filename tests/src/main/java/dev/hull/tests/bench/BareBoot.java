package dev.hull.tests.bench;

import dev.hull.cri.host.HostException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A boot of what a machine boots, by QEMU alone: the same kernel, initramfs, kernel command line,
 * processor, memory and devices, without libvirt, daemon, network or share behind them. Its command
 * line is made from that of a running machine, so that the two cannot drift apart.
 */
final class BareBoot {
  /** What the first stage writes to the console before anything else. */
  static final String FIRST_LINE_IN_USERSPACE = "hull-init";

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final List<String> command;
  private final Path folder;

  private BareBoot(List<String> command, Path folder) {
    this.command = List.copyOf(command);
    this.folder = folder;
  }

  /** As the machine of this QEMU process; {@code folder} holds what the bare one writes. */
  static BareBoot like(long qemuPid, Path folder) throws IOException {
    List<String> bare = new ArrayList<>();
    List<String> arguments = MachineProcesses.commandLine(qemuPid);
    bare.add(arguments.getFirst());
    for (int index = 1; index < arguments.size(); index++) {
      String option = arguments.get(index);
      boolean hasValue =
          index + 1 < arguments.size()
              && !arguments.get(index + 1).isEmpty()
              && !arguments.get(index + 1).startsWith("-");
      String value = hasValue ? arguments.get(++index) : "";
      if (option.isEmpty() || isOfLibvirtAlone(option, value)) {
        continue;
      }
      bare.add(option);
      if (hasValue) {
        bare.add(alone(option, value, folder));
      }
    }
    return new BareBoot(bare, folder);
  }

  private static boolean isOfLibvirtAlone(String option, String value) {
    return switch (option) {
      case "-S", "-mon", "-sandbox", "-msg", "-uuid", "-name" -> true;
      case "-object" -> value.contains("\"secret\"");
      case "-chardev" -> value.contains("id=charmonitor") || value.contains("id=chr-vu-");
      case "-device" -> value.contains("vhost-user-fs");
      default -> false;
    };
  }

  /** The value with what leads to libvirt, or to the machine's own files, led elsewhere. */
  private static String alone(String option, String value, Path folder) throws IOException {
    if (option.equals("-netdev")) {
      String id = value.replaceAll(".*\"?id\"?[=:]\"?([^,\"}]+).*", "$1");
      return "hubport,hubid=0,id=" + id;
    }
    if (option.equals("-chardev")) {
      String id = value.replaceAll(".*\\bid=([^,]+).*", "$1");
      return id.contains("serial")
          ? "stdio,signal=off,id=" + id
          : "socket,server=on,wait=off,id=" + id + ",path=" + folder.resolve(id + ".sock");
    }
    if (option.equals("-blockdev") && value.contains("\"filename\"") && value.contains("scratch")) {
      String file = value.replaceAll(".*\"filename\":\"([^\"]+)\".*", "$1");
      Path own = folder.resolve("scratch");
      try (RandomAccessFile sparse = new RandomAccessFile(own.toFile(), "rw")) {
        sparse.setLength(Files.size(Path.of(file)));
      }
      return value.replace(file, own.toString());
    }
    return value;
  }

  /** What is run, as a shell would take it. */
  String commandLine() {
    StringBuilder line = new StringBuilder();
    for (String word : command) {
      line.append(line.isEmpty() ? "" : " ")
          .append(word.matches("[\\w./:=,@%+-]+") ? word : "'" + word + "'");
    }
    return line.toString();
  }

  /** Boots once and says how long it took from the start of QEMU to the first line in userspace. */
  Duration run() throws HostException {
    long begin = System.nanoTime();
    Process process;
    try {
      process =
          new ProcessBuilder(command).redirectError(folder.resolve("bare.err").toFile()).start();
    } catch (IOException e) {
      throw new HostException("cannot start " + command.getFirst() + ": " + e.getMessage(), e);
    }
    Thread watch = Thread.ofVirtual().start(() -> endAfterDeadline(process));
    try (BufferedReader console =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = console.readLine(); line != null; line = console.readLine()) {
        if (line.contains(FIRST_LINE_IN_USERSPACE)) {
          return Duration.ofNanos(System.nanoTime() - begin);
        }
      }
      throw new HostException(
          "the bare boot ended or took more than %d s; QEMU said: %s"
              .formatted(DEADLINE.toSeconds(), Files.readString(folder.resolve("bare.err"))));
    } catch (IOException e) {
      throw new HostException("cannot read the console of the bare boot: " + e.getMessage(), e);
    } finally {
      watch.interrupt();
      process.destroyForcibly();
      process.onExit().join();
    }
  }

  private static void endAfterDeadline(Process process) {
    try {
      if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // The boot was seen.
    }
  }
}
