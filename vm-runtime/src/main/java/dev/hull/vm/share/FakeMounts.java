package dev.hull.vm.share;

import dev.hull.vm.ContainerSpec.Mount.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A table of mounts that changes nothing on the host. It outlives who uses it. */
public final class FakeMounts implements Mounts {
  private final List<Path> targets = new ArrayList<>();
  private final List<Path> readOnly = new ArrayList<>();

  /** Throws if anything is mounted. */
  public synchronized void checkNothingLeaked() {
    if (!targets.isEmpty()) {
      throw new AssertionError("still mounted: " + targets);
    }
  }

  public synchronized boolean isReadOnly(Path target) {
    return readOnly.contains(target);
  }

  @Override
  public synchronized void bind(Path source, Path target, Access access, boolean follows)
      throws IOException {
    if (Files.isDirectory(source) != Files.isDirectory(target) || !Files.exists(target)) {
      throw new IOException("cannot bind " + source + " to " + target + ": not of one kind");
    }
    targets.add(target);
    if (access != Access.READ_WRITE) {
      readOnly.add(target);
    }
  }

  @Override
  public synchronized void makeShared(Path target) throws IOException {
    demand(target);
  }

  @Override
  public synchronized void detach(Path target) throws IOException {
    demand(target);
    targets.removeIf(mounted -> mounted.startsWith(target));
    readOnly.removeIf(mounted -> mounted.startsWith(target));
  }

  private void demand(Path target) throws IOException {
    if (!targets.contains(target)) {
      throw new IOException("nothing is mounted at " + target);
    }
  }

  @Override
  public synchronized List<Path> below(Path folder) {
    return targets.stream().filter(target -> target.startsWith(folder)).toList();
  }
}
