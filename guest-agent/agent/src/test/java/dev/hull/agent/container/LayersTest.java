package dev.hull.agent.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.linux.Mounts;
import dev.hull.guest.v1.DiskAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
  private static final DiskAddress DISK = DiskAddress.newBuilder().setUnit(3).build();

  @TempDir Path folder;
  private final FakeMounts mounts = new FakeMounts();
  private Layers layers =
      new Layers(disk -> Path.of("/none"), mounts, path -> {}, Path.of("/none"));

  private static final class FakeMounts implements Mounts {
    private final List<String> mounted = new ArrayList<>();
    private boolean broken;
    private int comingAfter;

    @Override
    public void mount(String source, String target, String type, long flags, String data) {
      if (broken) {
        throw new LinuxException(Errno.EINVAL, "mount", source);
      }
      if (comingAfter-- > 0) {
        throw new LinuxException(Errno.ENXIO, "mount", source);
      }
      assertThat(type).isEqualTo("erofs");
      assertThat(flags & Mounts.READ_ONLY).isNotZero();
      mounted.add(target);
    }

    @Override
    public void map(String target, int users) {
      throw new AssertionError("nobody asked for it");
    }

    @Override
    public void unmount(String target, int flags) {
      assertThat(mounted.remove(target)).isTrue();
    }
  }

  @BeforeEach
  void plug() throws IOException {
    Files.createFile(folder.resolve("sdd1"));
    Files.createFile(folder.resolve("sdd2"));
    layers =
        new Layers(disk -> folder.resolve("sdd"), mounts, path -> {}, folder.resolve("layers"));
  }

  @Test
  void aLayerIsMountedOnceForAllAndUnmountedAfterTheLast() throws Exception {
    Layers.Lease first = layers.acquire(DISK, 1);
    Layers.Lease second = layers.acquire(DISK, 1);
    Layers.Lease other = layers.acquire(DISK, 2);
    assertThat(mounts.mounted).hasSize(2).contains(first.path().toString());
    first.close();
    first.close();
    assertThat(mounts.mounted).hasSize(2);
    second.close();
    assertThat(mounts.mounted).containsExactly(other.path().toString());
    other.close();
    assertThat(mounts.mounted).isEmpty();
  }

  @Test
  void aLayerThatCannotBeMountedIsNamedAndNotKept() throws Exception {
    mounts.broken = true;
    assertThatThrownBy(() -> layers.acquire(DISK, 2))
        .hasMessageStartingWith("layer 2 of the image's disk cannot be mounted: ");
    mounts.broken = false;
    layers.acquire(DISK, 2).close();
    assertThat(mounts.mounted).isEmpty();
  }

  @Test
  void aPartitionThatGoesAndComesBackIsWaitedFor() throws Exception {
    mounts.comingAfter = 3;
    layers.acquire(DISK, 1).close();
    assertThat(mounts.mounted).isEmpty();
    assertThat(mounts.comingAfter).isNegative();
  }
}
