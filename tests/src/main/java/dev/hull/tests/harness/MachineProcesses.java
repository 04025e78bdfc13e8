package dev.hull.tests.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The processes that a pod's machine is on the host: QEMU, and virtiofsd for its share. */
public record MachineProcesses(long qemu, List<Long> virtiofsd) {

  /** Finds them by what their command lines say of the pod. */
  public static MachineProcesses of(String podSandboxId) {
    String shortId = podSandboxId.substring(0, 12);
    List<ProcessHandle> own =
        ProcessHandle.allProcesses()
            .filter(
                process -> commandLine(process.pid()).stream().anyMatch(a -> a.contains(shortId)))
            .toList();
    long qemu =
        own.stream()
            .filter(process -> program(process).startsWith("qemu-system"))
            .mapToLong(ProcessHandle::pid)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no QEMU runs for pod " + podSandboxId));
    List<Long> virtiofsd =
        own.stream()
            .filter(process -> program(process).equals("virtiofsd"))
            .map(ProcessHandle::pid)
            .toList();
    return new MachineProcesses(qemu, virtiofsd);
  }

  /** QEMU first. */
  public List<Long> all() {
    return Stream.concat(Stream.of(qemu), virtiofsd.stream()).toList();
  }

  /** The arguments of a process; empty if it has gone. */
  public static List<String> commandLine(long pid) {
    try {
      String line =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
      return List.of(line.split("\0", -1));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String program(ProcessHandle process) {
    List<String> arguments = commandLine(process.pid());
    String path = arguments.isEmpty() ? "" : arguments.getFirst();
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
