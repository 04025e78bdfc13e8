package dev.hull.cli.kubelet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real mounts, by mount(8) and umount(8). */
public final class HostMounts implements Mounts {
  private static final long DEADLINE_SECONDS = 10;

  @Override
  public void mountMemory(Path folder, long sizeBytes) throws IOException {
    String options = "mode=0777,nosuid,nodev" + (sizeBytes == 0 ? "" : ",size=" + sizeBytes);
    run(List.of("mount", "-t", "tmpfs", "-o", options, "hull-memory", folder.toString()));
  }

  @Override
  public Path bind(Path source, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    if (Files.isDirectory(source)) {
      Files.createDirectory(target);
    } else {
      Files.createFile(target);
    }
    run(List.of("mount", "--bind", source.toString(), target.toString()));
    return points().stream()
        .filter(point -> point.at().equals(target))
        .reduce((first, last) -> last)
        .map(Point::root)
        .orElseThrow(() -> new IOException(target + " is not mounted"));
  }

  @Override
  public Path origin(Path path) throws IOException {
    Path real = path.toRealPath();
    Point mount =
        points().stream()
            .filter(point -> real.startsWith(point.at()))
            // The last of the longest: later mounts hide earlier ones.
            .reduce((a, b) -> b.at().getNameCount() >= a.at().getNameCount() ? b : a)
            .orElseThrow(() -> new IOException(path + " is on no file system"));
    return mount.root().resolve(mount.at().relativize(real)).normalize();
  }

  private record Point(Path root, Path at) {}

  private static List<Point> points() throws IOException {
    List<Point> points = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      String[] fields = line.split(" ", 6);
      points.add(new Point(Path.of(unescape(fields[3])), Path.of(unescape(fields[4]))));
    }
    return points;
  }

  @Override
  public void unmount(Path folder) throws IOException {
    // Lazily, because the machine's file server may still hold files of it for a moment.
    run(List.of("umount", "-l", folder.toString()));
  }

  @Override
  public List<Path> below(Path folder) throws IOException {
    Path real = folder.toRealPath();
    List<Path> found = new ArrayList<>();
    for (Point point : points()) {
      if (point.at().startsWith(real)) {
        found.add(point.at());
      }
    }
    return found.reversed();
  }

  /** The kernel writes space, tab, line feed and backslash in octal. */
  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            String.join(" ", command) + " has not finished within " + DEADLINE_SECONDS + " s");
      }
      if (process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + String.join(" ", command), e);
    } finally {
      process.destroyForcibly();
    }
  }
}
