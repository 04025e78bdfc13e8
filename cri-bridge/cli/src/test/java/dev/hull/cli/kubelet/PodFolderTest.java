package dev.hull.cli.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PodFolderTest {
  @TempDir private Path root;
  private final FakeMounts mounts = new FakeMounts();

  @Test
  void nothingIsDeletedWhileSomethingIsMountedBelow() throws Exception {
    Path tree = Files.createDirectories(root.resolve("tree/share"));
    Path precious = Files.writeString(tree.resolve("precious"), "x");
    mounts.foreignMount(tree);

    assertThatIOException()
        .isThrownBy(() -> PodFolder.deleteTree(root.resolve("tree"), mounts))
        .withMessageContaining("is still mounted");
    assertThat(precious).exists();
  }

  @Test
  void aFolderThatIsNotThePodsIsNotTakenForIt() {
    assertThatIOException()
        .isThrownBy(() -> PodFolder.existing(Path.of("/etc"), "u1", mounts))
        .withMessageContaining("left as it is");
    assertThatIOException()
        .isThrownBy(() -> PodFolder.existing(Path.of("/etc/../pods/u1"), "u1", mounts));
    assertThatIOException()
        .isThrownBy(() -> PodFolder.existing(Path.of("/x/pods/u2"), "u1", mounts));
  }
}
