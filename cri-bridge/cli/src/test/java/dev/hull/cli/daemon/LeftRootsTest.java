package dev.hull.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cli.kubelet.HostMounts;
import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LeftRootsTest {
  @TempDir private Path folder;
  private final List<String> complaints = new ArrayList<>();

  private LeftRoots roots() {
    return new LeftRoots(folder.resolve("run"), new HostMounts(), complaints::add);
  }

  private Path root(String name) throws IOException {
    Path root = Files.createDirectories(folder.resolve("run").resolve(name));
    Files.createFile(root.resolve("daemon.lock"));
    return root;
  }

  @Test
  void whereNothingWasEverRunNothingIsLeft() {
    assertThat(roots().find()).isEmpty();
  }

  @Test
  void aRootWhoseLockIsFreeIsLeft() throws IOException {
    Path left = root("0123abcd");
    assertThat(roots().find()).contains(left);
  }

  @Test
  void aRootThatIsInUseOrBeingMadeOrOfAnotherKindIsNot() throws IOException {
    Path used = root("0123abcd");
    root("my-own-folder");
    Files.createDirectories(folder.resolve("run/11111111"));
    try (FileChannel file =
            FileChannel.open(used.resolve("daemon.lock"), StandardOpenOption.WRITE);
        var _ = file.lock()) {
      assertThat(roots().find()).isEmpty();
    }
    assertThat(roots().find()).contains(used);
  }

  @Test
  void aRootThatCannotBeTakenOverIsLeftAloneFromThenOn() throws IOException {
    Path broken = root("0123abcd");
    assertThatThrownBy(
            () ->
                roots()
                    .takeOver(
                        broken,
                        root -> {
                          throw new HostException("its journal is broken");
                        }))
        .hasMessageContaining("cannot take over " + broken)
        .hasMessageContaining("its journal is broken")
        .hasMessageContaining("try again");
    assertThat(broken).exists();
    assertThat(roots().find()).isEmpty();
  }
}
