package dev.hull.tests.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The processes that a pod's machine is on the host: QEMU, and virtiofsd for its share. */
public record MachineProcesses(long qemu, List<Long> virtiofsd) {

  private static final Pattern DOMAIN = Pattern.compile("guest=([^,]+)");

  /** Finds them by what their command lines say of the pod. */
  public static MachineProcesses of(String podSandboxId) {
    List<Long> own = mentioning(podSandboxId.substring(0, 12));
    long qemu =
        own.stream()
            .filter(MachineProcesses::isQemu)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no QEMU runs for pod " + podSandboxId));
    return new MachineProcesses(qemu, own.stream().filter(MachineProcesses::isVirtiofsd).toList());
  }

  /** All machines of the daemon with this root, whether they are a pod's or stand by. */
  public static List<MachineProcesses> under(Path root) {
    return mentioning(root.toString()).stream()
        .filter(MachineProcesses::isQemu)
        .map(
            qemu ->
                new MachineProcesses(
                    qemu,
                    mentioning(domain(qemu)).stream()
                        .filter(MachineProcesses::isVirtiofsd)
                        .toList()))
        .toList();
  }

  private static String domain(long qemu) {
    Matcher name = DOMAIN.matcher(String.join(" ", commandLine(qemu)));
    return name.find() ? name.group(1) : "a QEMU that has ended";
  }

  private static List<Long> mentioning(String text) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> commandLine(pid).stream().anyMatch(argument -> argument.contains(text)))
        .toList();
  }

  private static boolean isQemu(long pid) {
    return program(pid).startsWith("qemu-system");
  }

  private static boolean isVirtiofsd(long pid) {
    return program(pid).equals("virtiofsd");
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

  private static String program(long pid) {
    List<String> arguments = commandLine(pid);
    String path = arguments.isEmpty() ? "" : arguments.getFirst();
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
