package dev.hull.cli.kubelet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Remembers mounts, and makes none. */
public class FakeMounts implements Mounts {
  private final List<Path> mounted = new ArrayList<>();

  @Override
  public synchronized void mountMemory(Path folder, long sizeBytes) {
    mounted.add(folder);
  }

  @Override
  public synchronized Path bind(Path source, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    mounted.add(target);
    return source.toRealPath();
  }

  @Override
  public Path origin(Path path) throws IOException {
    return path.toRealPath();
  }

  @Override
  public synchronized void unmount(Path folder) throws IOException {
    if (!mounted.remove(folder)) {
      throw new IOException(folder + " is not mounted");
    }
  }

  @Override
  public synchronized List<Path> below(Path folder) {
    return mounted.stream().filter(mount -> mount.startsWith(folder)).toList().reversed();
  }

  /** As if somebody else had mounted something there. */
  public synchronized void foreignMount(Path folder) {
    mounted.add(folder);
  }

  public synchronized List<Path> mounted() {
    return List.copyOf(mounted);
  }
}
