package dev.hull.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a pod can leave behind on its host: processes, mounts, links, network namespaces, packet
 * filters, CNI's addresses, guests' memory and files under the root. Two states compare as what is
 * in one and not in the other.
 */
public record HostState(Map<String, SortedSet<String>> kinds) {
  private static final List<String> PROCESSES = List.of("qemu-system", "virtiofsd");

  /**
   * The state now. {@code folders} are listed whole; processes are those that name one of them, for
   * other machines of this host come and go.
   */
  public static HostState now(Collection<Path> folders) {
    Map<String, SortedSet<String>> kinds = new TreeMap<>();
    kinds.put("processes", processes(folders));
    kinds.put("mounts", mounts());
    kinds.put("links", lines("ip", "-o", "link", "show").map(HostState::linkName));
    kinds.put("network namespaces", names(Path.of("/run/netns")));
    kinds.put("nftables", lines("nft", "list", "ruleset").map(HostState::withoutCounters));
    kinds.put("iptables", lines("iptables-save").map(HostState::withoutCounters));
    kinds.put("memory files", names(Path.of("/dev/shm/hull")));
    kinds.put("CNI addresses", files(Path.of("/var/lib/cni")));
    for (Path folder : folders) {
      kinds.put(folder.toString(), files(folder));
    }
    return new HostState(kinds);
  }

  /** What this state has and {@code before} had not, each line with its kind. */
  public List<String> since(HostState before) {
    return kinds.entrySet().stream()
        .flatMap(
            kind ->
                kind.getValue().stream()
                    .filter(
                        line ->
                            !before
                                .kinds
                                .getOrDefault(kind.getKey(), new TreeSet<>())
                                .contains(line))
                    .map(line -> kind.getKey() + ": " + line))
        .toList();
  }

  private static SortedSet<String> processes(Collection<Path> folders) {
    return collect(
        ProcessHandle.allProcesses()
            .filter(ProcessHandle::isAlive)
            .map(process -> process.pid() + " " + commandLine(process.pid()))
            .filter(line -> PROCESSES.stream().anyMatch(line::contains))
            .filter(line -> folders.stream().anyMatch(folder -> line.contains(folder.toString()))));
  }

  /** Whole, where ProcessHandle cuts it after a page. Empty for one that has ended. */
  private static String commandLine(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
      return new String(bytes, StandardCharsets.UTF_8).replace('\0', ' ');
    } catch (IOException _) {
      return "";
    }
  }

  private static SortedSet<String> mounts() {
    // Columns 4 and 5 of mountinfo: the root within the file system, and the mount point.
    return collect(
        read(Path.of("/proc/self/mountinfo"))
            .lines()
            .map(line -> line.split(" ", -1))
            .map(columns -> columns[3] + " on " + columns[4]));
  }

  private static String linkName(String line) {
    String[] columns = line.split(": ", 3);
    return columns.length > 1 ? columns[1] : line;
  }

  private static String withoutCounters(String line) {
    return line.startsWith("#")
        ? ""
        : line.replaceAll("\\[\\d+:\\d+]", "").replaceAll("packets \\d+ bytes \\d+", "").strip();
  }

  private static SortedSet<String> names(Path folder) {
    if (!Files.isDirectory(folder)) {
      return new TreeSet<>();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return collect(entries.map(path -> path.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SortedSet<String> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return new TreeSet<>();
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      return collect(entries.map(path -> folder.relativize(path).toString()));
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalStateException("cannot list " + folder + " while it changes", e);
    }
  }

  private static SortedSet<String> collect(Stream<String> lines) {
    TreeSet<String> sorted = new TreeSet<>();
    lines.filter(line -> !line.isBlank()).forEach(sorted::add);
    return sorted;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Lines lines(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " did not end within 20 s");
      }
      return new Lines(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command[0] + "; ./hull installs it", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private record Lines(String text) {
    private SortedSet<String> map(UnaryOperator<String> form) {
      return collect(text.lines().map(form));
    }
  }
}
