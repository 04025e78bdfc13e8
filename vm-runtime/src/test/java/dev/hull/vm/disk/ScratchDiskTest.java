package dev.hull.vm.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScratchDiskTest {
  private static final long SIZE = 32L << 20;

  @TempDir Path folder;

  private ScratchDisk failing(String words) throws IOException {
    Path program =
        Files.writeString(folder.resolve("mkfs"), "#!/bin/sh\necho '" + words + "'\nexit 1\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new ScratchDisk(program, System.getProperty("user.name"));
  }

  @Test
  void aDiskThatIsTooSmallIsRefused() {
    assertThatThrownBy(() -> ScratchDisk.ownedBy("root").make(folder.resolve("s"), 1024))
        .hasMessageContaining("at least 16777216");
  }

  @Test
  void aMissingProgramIsNamedWithItsPackage() {
    assertThatThrownBy(
            () -> new ScratchDisk(Path.of("/nowhere/mkfs"), "root").make(folder.resolve("s"), SIZE))
        .hasMessage("cannot find /nowhere/mkfs; install e2fsprogs");
  }

  @Test
  void aFullDiskIsSaidSoAndNothingIsLeft() throws IOException {
    ScratchDisk disk = failing("mkfs.ext4: No space left on device");
    assertThatThrownBy(() -> disk.make(folder.resolve("s"), SIZE))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED))
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("bytes are free there");
    assertThat(folder.resolve("s")).doesNotExist();
  }

  @Test
  void aDiskIsExt4AndSparse() throws IOException {
    Path file = folder.resolve("s");
    new ScratchDisk(Path.of("/usr/sbin/mkfs.ext4"), System.getProperty("user.name"))
        .make(file, SIZE);
    assertThat(Files.size(file)).isEqualTo(SIZE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    byte[] content = Files.readAllBytes(file);
    assertThat(content[1024 + 56]).isEqualTo((byte) 0x53);
    assertThat(content[1024 + 57]).isEqualTo((byte) 0xef);
  }
}
