package dev.hull.cli.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.hull.cli.kubelet.FakeMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container puts into its volume must not lead the host elsewhere. */
final class SubPathsTest {
  @TempDir private Path folder;
  private final FakeMounts mounts = new FakeMounts();
  private Path volume = Path.of("");
  private Path target = Path.of("");

  @BeforeEach
  void start() throws IOException {
    volume = Files.createDirectory(folder.resolve("volume"));
    target = folder.resolve("sub/0");
  }

  @Test
  void aPartThatIsNotThereBecomesAFolder() throws IOException {
    new SubPaths(mounts).mount(volume, "a/b", target);
    assertThat(volume.resolve("a/b")).isDirectory();
    assertThat(mounts.mounted()).containsExactly(target);
  }

  @Test
  void aLinkOutOfTheVolumeIsRefused() throws IOException {
    Files.createSymbolicLink(volume.resolve("etc"), Path.of("/etc"));
    for (String part : new String[] {"etc", "etc/new", "../outside"}) {
      assertThatIOException()
          .isThrownBy(() -> new SubPaths(mounts).mount(volume, part, target))
          .withMessageContaining("leads out of its volume");
    }
    assertThat(mounts.mounted()).isEmpty();
    assertThat(Path.of("/etc/new")).doesNotExist();
  }

  @Test
  void aPlaceThatWasExchangedMeanwhileIsFoundOutByTheKernel() throws IOException {
    FakeMounts exchanging =
        new FakeMounts() {
          @Override
          public synchronized Path bind(Path source, Path at) throws IOException {
            var _ = super.bind(source, at);
            return Path.of("/etc");
          }
        };
    assertThatIOException()
        .isThrownBy(() -> new SubPaths(exchanging).mount(volume, "a", target))
        .withMessageContaining("by a link in it");
    assertThat(exchanging.mounted()).isEmpty();
  }

  @Test
  void aLinkWithinTheVolumeIsFine() throws IOException {
    Files.createDirectory(volume.resolve("real"));
    Files.createSymbolicLink(volume.resolve("link"), Path.of("real"));
    new SubPaths(mounts).mount(volume, "link", target);
    assertThat(mounts.mounted()).containsExactly(target);
  }
}
