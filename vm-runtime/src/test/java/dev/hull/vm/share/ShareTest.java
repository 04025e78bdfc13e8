package dev.hull.vm.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.MachineException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real mounts, which need root. */
@Tag("machine")
final class ShareTest {
  @TempDir Path folder;

  private final Mounts mounts = new LinuxMounts();
  private Share share = new Share(Path.of("/nowhere"), mounts);
  private Path source = Path.of("/nowhere");

  @BeforeEach
  void makeShare() throws Exception {
    assertThat(System.getProperty("user.name"))
        .as("the user: only root mounts; run the tests by ./hull test, as root")
        .isEqualTo("root");
    folder = folder.toRealPath();
    share = new Share(folder.resolve("share"), mounts);
    source = Files.createDirectory(folder.resolve("a source"));
    Files.writeString(source.resolve("file"), "content");
    share.create();
  }

  @AfterEach
  void nothingIsMounted() throws Exception {
    share.destroy();
    share.destroy();
    assertThat(mounts.below(folder)).isEmpty();
    assertThat(folder.resolve("share")).doesNotExist();
    assertThat(source.resolve("file")).hasContent("content");
  }

  @Test
  void aFolderAppearsInTheTreeAndGoesWithoutItsContent() {
    assertThat(share.bind(0, source, Access.READ_WRITE, true))
        .isEqualTo(new Share.Volume("volumes/0", false));
    assertThat(folder.resolve("share/volumes/0/file")).hasContent("content");
    share.release(0);
    share.release(0);
    assertThat(folder.resolve("share/volumes/0")).doesNotExist();
  }

  @Test
  void aSingleFileAppearsAsAFile() {
    share.bind(3, source.resolve("file"), Access.READ_WRITE, true);
    assertThat(folder.resolve("share/volumes/3")).hasContent("content");
  }

  @Test
  void aReadOnlyVolumeCannotBeWrittenAndItsSourceCan() throws Exception {
    share.bind(0, source, Access.READ_ONLY, true);
    assertThatThrownBy(() -> Files.writeString(folder.resolve("share/volumes/0/new"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
    Files.writeString(source.resolve("new"), "x");
  }

  @Test
  void mountsBelowAReadOnlyVolumeAreReadOnlyOnlyIfThatIsAsked() throws Exception {
    Path inner = Files.createDirectory(source.resolve("inner"));
    Path other = Files.createDirectory(folder.resolve("other"));
    mounts.bind(other, inner, Access.READ_WRITE, true);
    try {
      assertThat(share.bind(0, source, Access.READ_ONLY_RECURSIVE, false).readonly()).isTrue();
      assertThat(share.bind(1, source, Access.READ_ONLY, false).readonly())
          .as("a part of it can be written, so the guest must let it through")
          .isFalse();
      refusesWrites(folder.resolve("share/volumes/0"));
      refusesWrites(folder.resolve("share/volumes/0/inner"));
      refusesWrites(folder.resolve("share/volumes/1"));
      Files.writeString(folder.resolve("share/volumes/1/inner/x"), "x");
      assertThat(other.resolve("x")).hasContent("x");
    } finally {
      mounts.detach(inner);
    }
  }

  @Test
  void aReadOnlyVolumeWithoutMountsBelowItIsReadOnlyAsAWhole() {
    assertThat(share.bind(0, source, Access.READ_ONLY, false).readonly()).isTrue();
    assertThat(share.bind(1, source, Access.READ_ONLY, true).readonly())
        .as("a mount may come later, and is what it is on the host")
        .isFalse();
  }

  @Test
  void mountsMadeLaterAppearOnlyInVolumesThatFollow() throws Exception {
    Path inner = Files.createDirectory(source.resolve("inner"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("flag"), "here");
    mounts.bind(source, source, Access.READ_WRITE, true);
    try {
      mounts.makeShared(source);
      share.bind(0, source, Access.READ_WRITE, true);
      share.bind(1, source, Access.READ_WRITE, false);
      mounts.bind(other, inner, Access.READ_WRITE, true);
      assertThat(folder.resolve("share/volumes/0/inner/flag")).hasContent("here");
      assertThat(folder.resolve("share/volumes/1/inner")).isEmptyDirectory();
      mounts.bind(other, folder.resolve("share/volumes/0"), Access.READ_WRITE, true);
      assertThat(source.resolve("flag")).as("nothing goes back").doesNotExist();
    } finally {
      share.release(0);
      mounts.detach(source);
    }
  }

  private static void refusesWrites(Path place) {
    assertThatThrownBy(() -> Files.writeString(place.resolve("new"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
  }

  @Test
  void anotherNamespaceSeesVolumesThatComeLaterAndReadOnlyOnesAsSuch() throws Exception {
    Process virtiofsd =
        new ProcessBuilder("unshare", "-m", "--propagation", "slave", "sh", "-c", "echo; exec cat")
            .start();
    try {
      assertThat(virtiofsd.getInputStream().read()).isEqualTo('\n');
      share.bind(0, source, Access.READ_WRITE, true);
      share.bind(1, source, Access.READ_ONLY, true);
      Path seen = Path.of("/proc/" + virtiofsd.pid() + "/root" + folder + "/share/volumes");
      assertThat(seen.resolve("0/file")).hasContent("content");
      Files.writeString(seen.resolve("0/new"), "x");
      assertThatThrownBy(() -> Files.writeString(seen.resolve("1/new"), "y"))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("Read-only");
    } finally {
      virtiofsd.destroyForcibly().waitFor();
    }
  }

  @Test
  void aVolumeIsFoundAgainAndTakenAwayByASuccessor() {
    share.bind(0, source, Access.READ_WRITE, true);
    Share successor = new Share(share.root(), mounts);
    successor.create();
    successor.release(0);
    assertThat(folder.resolve("share/volumes/0")).doesNotExist();
  }

  @Test
  void aSocketIsRefusedWithASentence() throws Exception {
    Path socket = folder.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> share.bind(0, socket, Access.READ_WRITE, true))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining(
              "sockets, pipes and devices of the host do not work inside a machine");
    }
    assertThatThrownBy(() -> share.bind(0, Path.of("/dev/null"), Access.READ_WRITE, true))
        .hasMessageContaining("/dev/null");
    assertThatThrownBy(() -> share.bind(0, folder.resolve("missing"), Access.READ_WRITE, true))
        .hasMessageContaining("does not exist");
  }
}
