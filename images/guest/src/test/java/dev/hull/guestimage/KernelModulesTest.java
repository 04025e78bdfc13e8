package dev.hull.guestimage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelModulesTest {
  private final Path folder;

  KernelModulesTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    Files.writeString(folder.resolve("modules.builtin"), "kernel/fs/ext4/ext4.ko\n");
  }

  /** The least ELF file with a .modinfo: a header, three section headers, and their bytes. */
  private void module(String file, String depends, String... aliases) throws IOException {
    byte[] names = "\0.modinfo\0.shstrtab\0".getBytes(StandardCharsets.US_ASCII);
    byte[] info =
        ("license=GPL\0depends="
                + depends
                + "\0"
                + Stream.of(aliases).map(a -> "alias=" + a + "\0").collect(Collectors.joining()))
            .getBytes(StandardCharsets.US_ASCII);
    int data = 64 + 3 * 64;
    ByteBuffer elf =
        ByteBuffer.allocate(data + names.length + info.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
    elf.putLong(40, 64).putShort(60, (short) 3).putShort(62, (short) 2);
    section(elf, 1, 1, 1, data + names.length, info.length);
    section(elf, 2, 10, 3, data, names.length);
    elf.put(data, names).put(data + names.length, info);
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.write(path, elf.array());
  }

  private static void section(ByteBuffer elf, int index, int name, int type, int offset, int size) {
    int header = 64 + index * 64;
    elf.putInt(header, name).putInt(header + 4, type);
    elf.putLong(header + 24, offset).putLong(header + 32, size);
  }

  private List<String> order(String... names) throws IOException {
    return new KernelModules(folder)
        .inLoadingOrder(List.of(names)).stream().map(p -> p.getFileName().toString()).toList();
  }

  @Test
  void eachModuleComesAfterWhatItNeedsAndOnce() throws IOException {
    module("virtio.ko", "");
    module("virtio_ring.ko", "virtio");
    module("scsi-common.ko", "");
    module("scsi_mod.ko", "scsi_common");
    module("virtio_scsi.ko", "scsi_mod,virtio_ring,virtio");

    assertThat(order("virtio_scsi", "virtio_ring"))
        .containsExactly(
            "scsi-common.ko", "scsi_mod.ko", "virtio.ko", "virtio_ring.ko", "virtio_scsi.ko");
  }

  @Test
  void whatIsBuiltInIsLeftOut() throws IOException {
    module("erofs.ko", "ext4");

    assertThat(order("ext4", "erofs")).containsExactly("erofs.ko");
  }

  @Test
  void aModuleThatTheKernelDoesNotHaveIsNamed() {
    assertThatThrownBy(() -> order("virtio_scsi"))
        .hasMessage("the kernel has no module virtio_scsi");
  }

  @Test
  void modulesThatNeedEachOtherAreRefused() throws IOException {
    module("a.ko", "b");
    module("b.ko", "a");

    assertThatThrownBy(() -> order("a")).hasMessage("module a needs itself");
  }

  @Test
  void aBrokenModuleIsNamed() throws IOException {
    module("a.ko", "");
    byte[] bytes = Files.readAllBytes(folder.resolve("a.ko"));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(40, 1L << 30);
    Files.write(folder.resolve("a.ko"), bytes);

    assertThatThrownBy(() -> order("a")).hasMessageContaining("a.ko is broken");
  }

  @Test
  void whatMayBeAskedForIsInstalledWithATableOfItsNames(@TempDir Path root) throws IOException {
    module("kernel/net/802/stp.ko", "");
    module("kernel/net/bridge/bridge.ko", "stp", "rtnl-link-bridge", "pci:v00*");
    module("kernel/drivers/net/ethernet/e1000.ko", "", "rtnl-link-e1000");

    OnDemandModules.install(root, "/hull/modprobe", new KernelModules(folder));

    assertThat(root.resolve("lib/modules/on-demand"))
        .content()
        .isEqualTo(
            """
            bridge stp.ko bridge.ko
            rtnl-link-bridge stp.ko bridge.ko
            stp stp.ko
            """);
    assertThat(root.resolve("lib/modules/bridge.ko")).isRegularFile();
    assertThat(root.resolve("lib/modules/e1000.ko")).doesNotExist();
    assertThat(Files.readSymbolicLink(root.resolve("sbin/modprobe")))
        .isEqualTo(Path.of("/hull/modprobe"));
  }
}
