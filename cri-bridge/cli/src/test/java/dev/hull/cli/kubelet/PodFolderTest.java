package dev.hull.cli.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.hull.cli.pod.ManifestException;
import dev.hull.cli.pod.ManifestParser;
import dev.hull.cli.pod.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PodFolderTest {
  @TempDir private Path root;
  private final FakeMounts mounts = new FakeMounts();

  @Test
  void volumesAreWritableByEverybodyAndMemoryIsMounted() throws Exception {
    Pod pod = pod("[{name: d, emptyDir: {}}, {name: m, emptyDir: {medium: Memory}}]");
    PodFolder folder = PodFolder.of(root, "u1", mounts);

    folder.prepare(pod);

    Path disk = folder.source(pod.volumes().getFirst());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(disk)))
        .isEqualTo("rwxrwxrwx");
    assertThat(mounts.mounted()).containsExactly(folder.source(pod.volumes().get(1)));

    folder.remove();
    folder.remove();
    assertThat(folder.path()).doesNotExist();
    assertThat(mounts.mounted()).isEmpty();
  }

  @Test
  void aHostPathThatIsMissingUndoesEverything() throws Exception {
    Pod pod =
        pod(
            "[{name: m, emptyDir: {medium: Memory}}, {name: h, hostPath: {path: %s/none}}]"
                .formatted(root));
    PodFolder folder = PodFolder.of(root, "u1", mounts);

    assertThatIOException()
        .isThrownBy(() -> folder.prepare(pod))
        .withMessageContaining("volume h: " + root + "/none does not exist; create it");

    assertThat(folder.path()).doesNotExist();
    assertThat(mounts.mounted()).isEmpty();
  }

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

  @Test
  void aPodThatIsThereIsNotOverwritten() throws Exception {
    Pod pod = pod("[]");
    PodFolder.of(root, "u1", mounts).prepare(pod);
    assertThatIOException()
        .isThrownBy(() -> PodFolder.of(root, "u1", mounts).prepare(pod))
        .withMessageContaining("see hull ps, and hull rm");
  }

  private static Pod pod(String volumes) throws ManifestException {
    return ManifestParser.parse(
        "p",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          restartPolicy: Never
          containers: [{name: a, image: b}]
          volumes: %s
        """
            .formatted(volumes));
  }
}
