package dev.hull.vm.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hull.vm.MachineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real nodes, which need root. */
@Tag("machine")
final class DeviceNodeTest {
  private static final DeviceNode NODES = new DeviceNode("nobody");

  @TempDir Path folder;

  private static Path someDevice() throws IOException {
    try (Stream<Path> names = Files.list(Path.of("/sys/block"))) {
      List<Path> devices =
          names.map(name -> Path.of("/dev").resolve(name.getFileName())).sorted().toList();
      assumeThat(devices).as("this host's block devices").isNotEmpty();
      return devices.getFirst();
    }
  }

  @Test
  void itIsTheDevicesAndItsOwnersAndTheHostsStaysAsItIs() throws Exception {
    Path device = someDevice();
    var before = Files.readAttributes(device, "unix:uid,gid,mode,rdev");
    Path node = folder.resolve("node");
    NODES.make(node, device, false);
    assertThat(Files.getAttribute(node, "unix:rdev")).isEqualTo(before.get("rdev"));
    assertThat(Files.getOwner(node).getName()).isEqualTo("nobody");
    assertThat(Files.getPosixFilePermissions(node))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    NODES.make(node, device, true);
    assertThat(Files.getPosixFilePermissions(node))
        .isEqualTo(PosixFilePermissions.fromString("r--------"));
    DeviceNode.remove(node);
    DeviceNode.remove(node);
    assertThat(node).doesNotExist();
    assertThat(Files.readAttributes(device, "unix:uid,gid,mode,rdev")).isEqualTo(before);
  }

  @Test
  void whatIsNoBlockDeviceIsRefusedAndLeavesNoNode() throws Exception {
    for (Path other : List.of(Path.of("/dev/null"), Files.createFile(folder.resolve("file")))) {
      assertThatThrownBy(() -> NODES.make(folder.resolve("node"), other, false))
          .isInstanceOf(MachineException.class)
          .hasMessage("cannot plug in " + other + ": it is no block device");
    }
    assertThat(folder.resolve("node")).doesNotExist();
  }

  @Test
  void aFileSystemWithoutDevicesIsNamed() throws Exception {
    Path device = someDevice();
    mount("mount", "-t", "tmpfs", "-o", "nodev", "none", folder.toString());
    try {
      assertThatThrownBy(() -> NODES.make(folder.resolve("node"), device, false))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("the file system of " + folder + " does not let devices be opened");
      assertThat(folder.resolve("node")).doesNotExist();
    } finally {
      mount("umount", folder.toString());
    }
  }

  private static void mount(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
  }
}
