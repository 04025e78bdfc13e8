package dev.hull.cri.bridge.store;

import dev.hull.images.Digest;
import dev.hull.images.Images;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a container holds outside its machine: a folder (its log's record) and pins on its image and
 * on those that it mounts. The folder is made before the images are pinned and removed after, so
 * that a pin whose container was never made is found by its folder.
 */
public final class ContainerFolders {
  private final Path root;
  private final Images images;

  public ContainerFolders(Path root, Images images) {
    this.root = root;
    this.images = images;
  }

  Path folder(String containerId) {
    return root.resolve(containerId);
  }

  /** Makes the folder and pins the images; closing the result without keeping it undoes both. */
  public Claim claim(String containerId, Set<Digest> imageIds) {
    try {
      Files.createDirectories(folder(containerId));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder(containerId), e);
    }
    Claim claim = new Claim(containerId);
    try {
      imageIds.forEach(imageId -> images.pin(imageId, containerId));
    } catch (RuntimeException e) {
      claim.close();
      throw e;
    }
    return claim;
  }

  /** Does nothing the second time. */
  void release(String containerId) {
    images.unpin(containerId);
    try {
      Files.deleteIfExists(folder(containerId).resolve("log"));
      Files.deleteIfExists(folder(containerId));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder(containerId), e);
    }
  }

  /** Releases what belongs to none of the containers that there are. */
  void releaseAllBut(Set<String> containerIds) throws IOException {
    Set<String> found;
    try (Stream<Path> folders = Files.list(root)) {
      found = folders.map(folder -> folder.getFileName().toString()).collect(Collectors.toSet());
    } catch (NoSuchFileException _) {
      return;
    }
    found.removeAll(containerIds);
    found.forEach(this::release);
  }

  /** A container's hold before the container is there. */
  public final class Claim implements AutoCloseable {
    private final String containerId;
    private boolean kept;

    private Claim(String containerId) {
      this.containerId = containerId;
    }

    public void keep() {
      kept = true;
    }

    @Override
    public void close() {
      if (!kept) {
        release(containerId);
      }
    }
  }
}
