package dev.hull.cli.volume;

import dev.hull.cli.config.Downward;
import dev.hull.cli.config.Facts;
import dev.hull.cli.config.MissingException;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import dev.hull.cli.pod.Volume.EmptyDir;
import dev.hull.cli.pod.Volume.HostPath;
import dev.hull.cli.pod.Volume.Projected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The volumes of one pod on the host. */
public final class PodVolumes {
  private static final int ANYBODY = 0777;

  private final Pod pod;
  private final PodFolder folder;
  private final Mounts mounts;
  private final Objects objects;
  private final Facts facts;
  private final Path claims;

  /**
   * Touches nothing yet.
   *
   * @param claims where the folders of claims are, as {@code NAMESPACE/NAME}
   */
  public PodVolumes(
      Pod pod, PodFolder folder, Mounts mounts, Objects objects, Facts facts, Path claims) {
    this.pod = pod;
    this.folder = folder;
    this.mounts = mounts;
    this.objects = objects;
    this.facts = facts;
    this.claims = claims;
  }

  /** Where a claim's folder is. */
  public static Path claim(Path claims, String namespace, String name) {
    return claims.resolve(namespace).resolve(name);
  }

  /** Makes what is to be made, and checks what is expected to be there. May be done again. */
  public void prepare(Instant now) throws IOException, MissingException {
    for (Volume volume : pod.volumes()) {
      switch (volume) {
        case EmptyDir emptyDir -> emptyDir(emptyDir);
        case HostPath hostPath -> HostPaths.check(hostPath);
        case Projected projected -> {
          PodFolder.makeFolder(folder.volume(projected.name()), 0755);
          var _ = write(projected, now);
        }
        case Volume.Claim claim -> claim(claim);
        case Volume.OfImage _ -> {}
      }
    }
  }

  private void emptyDir(EmptyDir volume) throws IOException {
    Path path = folder.volume(volume.name());
    if (Files.exists(path)) {
      return; // Of an earlier machine of the same pod.
    }
    PodFolder.makeFolder(path, volume.mode());
    if (volume.memory()) {
      mounts.mountMemory(path, volume.sizeLimitBytes().orElse(0L));
    }
    own(path);
  }

  private void claim(Volume.Claim volume) throws IOException, MissingException {
    Path path = claim(claims, pod.namespace(), volume.claim());
    boolean known = objects.claim(pod.namespace(), volume.claim()).isPresent();
    if (!known && !Files.isDirectory(path)) {
      throw new MissingException(
          "volume %s: PersistentVolumeClaim %s is not there; add it to the manifest"
              .formatted(volume.name(), volume.claim()));
    }
    if (!Files.isDirectory(path)) {
      PodFolder.makeFolder(claims, 0711);
      PodFolder.makeFolder(path, ANYBODY);
    }
    own(path);
  }

  private void own(Path path) throws IOException {
    if (pod.security().fsGroup().isPresent()) {
      new GroupOwner(path, pod.security().fsGroup().get())
          .own(path, pod.security().fsGroupOnMismatch());
    }
  }

  /** Where a volume is on the host; empty if it is in an image. */
  public Optional<Path> source(Volume volume) {
    return switch (volume) {
      case EmptyDir _, Projected _ -> Optional.of(folder.volume(volume.name()));
      case HostPath hostPath -> Optional.of(Path.of(hostPath.path()));
      case Volume.Claim claim -> Optional.of(claim(claims, pod.namespace(), claim.claim()));
      case Volume.OfImage _ -> Optional.empty();
    };
  }

  /**
   * Follows the sources of projected volumes. What has gone missing stays as it was, as the kubelet
   * leaves it.
   */
  public void refresh(Instant now) throws IOException {
    for (Volume volume : pod.volumes()) {
      if (volume instanceof Projected projected) {
        follow(projected, now);
      }
    }
  }

  private void follow(Projected volume, Instant now) throws IOException {
    try {
      var _ = write(volume, now);
    } catch (MissingException e) {
      // Its files are those of before.
    }
  }

  private boolean write(Projected volume, Instant now) throws IOException, MissingException {
    ProjectedFiles files = new ProjectedFiles(pod, objects, new Downward(pod, facts));
    return new AtomicWriter(folder.volume(volume.name()), mounts)
        .write(files.of(volume), pod.security().fsGroup(), now);
  }

  /** The first emptyDir on disk that has more in it than its limit, as a sentence. */
  public Optional<String> overLimit() {
    for (Volume volume : pod.volumes()) {
      if (volume instanceof EmptyDir(String name, boolean memory, var limit, int _)
          && !memory
          && limit.isPresent()
          && size(folder.volume(name)) > limit.get()) {
        return Optional.of(
            "Usage of EmptyDir volume \"%s\" exceeds the limit \"%d\"."
                .formatted(name, limit.get()));
      }
    }
    return Optional.empty();
  }

  private static long size(Path root) {
    long[] bytes = {0};
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              bytes[0] += attributes.isRegularFile() ? attributes.size() : 0;
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE; // The containers change it meanwhile.
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes[0];
  }
}
