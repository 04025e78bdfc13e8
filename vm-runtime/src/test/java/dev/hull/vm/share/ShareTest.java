package dev.hull.vm.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.MachineException;
import dev.hull.vm.UserNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real mounts, which need root. */
@Tag("machine")
final class ShareTest {
  /** Takes a folder as its root as virtiofsd does; the numbers are those of x86-64. */
  private static final String SERVER =
      """
      my ($share, $here) = ($ARGV[0], ".");
      syscall(165, $share, $share, 0, 0x5000, 0) == 0 or die "mount: $!";
      chdir $share or die "chdir: $!";
      syscall(155, $here, $here) == 0 or die "pivot_root: $!";
      syscall(166, $here, 2) == 0 or die "umount2: $!";
      chdir "/";
      syswrite STDOUT, "\\n";
      <STDIN>;
      """;

  @TempDir Path folder;

  private final Mounts mounts = new LinuxMounts();
  private ShareFolder tree = new ShareFolder(Path.of("/nowhere"));
  private Share share = new Share(tree, mounts, OptionalLong::empty);
  private Path source = Path.of("/nowhere");
  private Path seen = Path.of("/nowhere");
  private Optional<Process> server = Optional.empty();

  @BeforeEach
  void makeShare() throws Exception {
    assertThat(System.getProperty("user.name"))
        .as("the user: only root mounts; run the tests by ./hull test, as root")
        .isEqualTo("root");
    folder = folder.toRealPath();
    tree = new ShareFolder(folder.resolve("share"));
    share = new Share(tree, mounts, this::pid);
    source = Files.createDirectory(folder.resolve("a source"));
    Files.writeString(source.resolve("file"), "content");
    tree.create();
    server = Optional.of(serve());
    seen = Path.of("/proc/" + pid().getAsLong() + "/root/volumes");
  }

  private Process serve() throws Exception {
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--propagation=slave",
                "perl",
                "-e",
                SERVER,
                tree.path().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.getInputStream().read()).isEqualTo('\n');
    return process;
  }

  private OptionalLong pid() {
    return server.stream().filter(Process::isAlive).mapToLong(Process::pid).findFirst();
  }

  @AfterEach
  void nothingIsMounted() throws Exception {
    endServer();
    tree.destroy();
    tree.destroy();
    assertThat(mountsOfTheHost()).doesNotContain(folder.toString());
    assertThat(tree.path()).doesNotExist();
    assertThat(source.resolve("file")).hasContent("content");
  }

  private void endServer() throws Exception {
    for (Process process : server.stream().toList()) {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static String mountsOfTheHost() throws Exception {
    return Files.readString(Path.of("/proc/self/mountinfo"));
  }

  private static void host(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
  }

  private static View view(Access access, boolean follows) {
    return new View(access, follows, Optional.empty());
  }

  @Test
  void ownersAreMappedByAUserNamespaceAndBackForWhatIsMade() throws Exception {
    UserNamespace users =
        new UserNamespace(
            new UserNamespace.Range(100_000, 1000), new UserNamespace.Range(200_000, 1000));
    Files.setAttribute(source.resolve("file"), "unix:uid", 7);
    share.bind(0, source, new View(Access.READ_WRITE, false, Optional.of(users)));
    share.bind(1, source, view(Access.READ_WRITE, false));
    assertThat(Files.getAttribute(seen.resolve("0"), "unix:uid")).isEqualTo(100_000);
    assertThat(Files.getAttribute(seen.resolve("0"), "unix:gid")).isEqualTo(200_000);
    assertThat(Files.getAttribute(seen.resolve("0/file"), "unix:uid")).isEqualTo(100_007);
    assertThat(Files.getAttribute(seen.resolve("1/file"), "unix:uid")).isEqualTo(7);
    Files.setAttribute(seen.resolve("0/file"), "unix:uid", 100_042);
    assertThat(Files.getAttribute(source.resolve("file"), "unix:uid")).isEqualTo(42);
  }

  @Test
  void aFileSystemWhoseOwnersCannotBeMappedIsNamed() {
    UserNamespace users =
        new UserNamespace(
            new UserNamespace.Range(100_000, 1000), new UserNamespace.Range(200_000, 1000));
    assertThatThrownBy(
            () ->
                share.bind(
                    0, Path.of("/proc/sys"), new View(Access.READ_ONLY, false, Optional.of(users))))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining(
            "the file system of /proc/sys, or one mounted in it, cannot show other owners");
  }

  @Test
  void aFolderIsSeenByTheServerAloneAndGoesWithoutItsContent() throws Exception {
    assertThat(share.bind(0, source, view(Access.READ_WRITE, true)))
        .isEqualTo(new Share.Volume("volumes/0", false));
    assertThat(seen.resolve("0/file")).hasContent("content");
    assertThat(tree.path().resolve("volumes/0")).isEmptyDirectory();
    assertThat(mountsOfTheHost()).doesNotContain(folder.toString());
    Files.writeString(seen.resolve("0/new"), "x");
    assertThat(source.resolve("new")).hasContent("x");
    share.release(0);
    share.release(0);
    assertThat(tree.path().resolve("volumes/0")).doesNotExist();
    assertThat(seen.resolve("0")).doesNotExist();
  }

  @Test
  void aSingleFileAppearsAsAFile() {
    share.bind(3, source.resolve("file"), view(Access.READ_WRITE, true));
    assertThat(seen.resolve("3")).hasContent("content");
  }

  @Test
  void whatIsMountedBelowAVolumeIsTheHostsToUnmountAndToRemove() throws Exception {
    Path inner = Files.createDirectory(source.resolve("inner"));
    host("mount", "-t", "tmpfs", "none", inner.toString());
    Files.writeString(inner.resolve("x"), "x");
    share.bind(0, source, view(Access.READ_WRITE, false));
    assertThat(seen.resolve("0/inner/x")).hasContent("x");
    host("umount", inner.toString());
    Files.delete(inner);
    assertThat(seen.resolve("0/inner")).doesNotExist();
    assertThat(seen.resolve("0/file")).hasContent("content");
  }

  @Test
  void aReadOnlyVolumeCannotBeWrittenAndItsSourceCan() throws Exception {
    share.bind(0, source, view(Access.READ_ONLY, true));
    refusesWrites(seen.resolve("0"));
    Files.writeString(source.resolve("new"), "x");
  }

  @Test
  void mountsBelowAReadOnlyVolumeAreReadOnlyOnlyIfThatIsAsked() throws Exception {
    Path inner = Files.createDirectory(source.resolve("inner"));
    Path other = Files.createDirectory(folder.resolve("other"));
    host("mount", "--bind", other.toString(), inner.toString());
    try {
      assertThat(share.bind(0, source, view(Access.READ_ONLY_RECURSIVE, false)).readonly())
          .isTrue();
      assertThat(share.bind(1, source, view(Access.READ_ONLY, false)).readonly())
          .as("a part of it can be written, so the guest must let it through")
          .isFalse();
      refusesWrites(seen.resolve("0"));
      refusesWrites(seen.resolve("0/inner"));
      refusesWrites(seen.resolve("1"));
      Files.writeString(seen.resolve("1/inner/x"), "x");
      assertThat(other.resolve("x")).hasContent("x");
    } finally {
      host("umount", inner.toString());
    }
  }

  @Test
  void aReadOnlyVolumeWithoutMountsBelowItIsReadOnlyAsAWhole() {
    assertThat(share.bind(0, source, view(Access.READ_ONLY, false)).readonly()).isTrue();
    assertThat(share.bind(1, source, view(Access.READ_ONLY, true)).readonly())
        .as("a mount may come later, and is what it is on the host")
        .isFalse();
  }

  @Test
  void mountsMadeLaterAppearOnlyInVolumesThatFollow() throws Exception {
    Path inner = Files.createDirectory(source.resolve("inner"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("flag"), "here");
    host("mount", "--bind", "--make-shared", source.toString(), source.toString());
    try {
      share.bind(0, source, view(Access.READ_WRITE, true));
      share.bind(1, source, view(Access.READ_WRITE, false));
      host("mount", "--bind", other.toString(), inner.toString());
      assertThat(seen.resolve("0/inner/flag")).hasContent("here");
      assertThat(seen.resolve("1/inner")).isEmptyDirectory();
      host("umount", inner.toString());
      assertThat(seen.resolve("0/inner")).isEmptyDirectory();
    } finally {
      host("umount", "-l", source.toString());
    }
  }

  private static void refusesWrites(Path place) {
    assertThatThrownBy(() -> Files.writeString(place.resolve("new"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
  }

  @Test
  void aVolumeIsFoundAgainAndTakenAwayByASuccessor() {
    share.bind(0, source, view(Access.READ_WRITE, true));
    Share successor = new Share(tree, mounts, this::pid);
    successor.bind(0, source.resolve("file"), view(Access.READ_WRITE, true));
    assertThat(seen.resolve("0")).hasContent("content");
    successor.release(0);
    assertThat(tree.path().resolve("volumes/0")).doesNotExist();
  }

  @Test
  void volumesEndWithTheirServer() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    host("mount", "-t", "tmpfs", "none", other.toString());
    share.bind(0, other, view(Access.READ_WRITE, false));
    endServer();
    host("umount", other.toString());
    share.release(0);
    assertThatThrownBy(() -> share.bind(0, source, view(Access.READ_WRITE, false)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("no virtiofsd serves " + tree.path());
  }

  @Test
  void aProcessThatServesSomethingElseIsNotEntered() {
    Share mistaken = new Share(tree, mounts, () -> OptionalLong.of(ProcessHandle.current().pid()));
    assertThatThrownBy(() -> mistaken.bind(0, source, view(Access.READ_WRITE, false)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("does not serve this folder");
  }

  @Test
  void noThreadStaysInTheServersNamespace() throws Exception {
    Path home = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/mnt"));
    share.bind(0, source, view(Access.READ_WRITE, false));
    share.release(0);
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      assertThat(threads.flatMap(ShareTest::namespace)).containsOnly(home);
    }
  }

  private static Stream<Path> namespace(Path thread) {
    try {
      return Stream.of(Files.readSymbolicLink(thread.resolve("ns/mnt")));
    } catch (NoSuchFileException e) {
      // It has just ended.
      return Stream.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aSocketIsRefusedWithASentence() throws Exception {
    Path socket = folder.resolve("s");
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> share.bind(0, socket, view(Access.READ_WRITE, true)))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining(
              "sockets, pipes and devices of the host do not work inside a machine");
    }
    assertThatThrownBy(() -> share.bind(0, Path.of("/dev/null"), view(Access.READ_WRITE, true)))
        .hasMessageContaining("/dev/null");
    assertThatThrownBy(
            () -> share.bind(0, folder.resolve("missing"), view(Access.READ_WRITE, true)))
        .hasMessageContaining("does not exist");
  }
}
