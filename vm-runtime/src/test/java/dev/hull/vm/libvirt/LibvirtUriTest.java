package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LibvirtUriTest {
  @Test
  void theSystemsLibvirtdKeepsItsMachinesBesideItsSocket() {
    LibvirtUri uri = LibvirtUri.parse("qemu:///system");
    assertThat(uri.sockets()).contains(Path.of("/run/libvirt/libvirt-sock"));
    assertThat(uri.folder()).isEqualTo(Path.of("/run/libvirt/qemu"));
  }

  @Test
  void aSocketMayBeNamed() {
    LibvirtUri uri = LibvirtUri.parse("qemu+unix:///system?socket=/srv/v/libvirt-sock");
    assertThat(uri.sockets()).containsExactly(Path.of("/srv/v/libvirt-sock"));
    assertThat(uri.folder()).isEqualTo(Path.of("/srv/v/qemu"));
    assertThat(uri).hasToString("qemu+unix:///system?socket=/srv/v/libvirt-sock");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qemu:///session",
        "qemu+ssh://node/system",
        "qemu+tcp://127.0.0.1/system",
        "xen:///system",
        "qemu+unix:///system?socket=relative",
        "qemu+unix:///system?socket=/a&mode=direct",
        "qemu:///system?socket=/a"
      })
  void whatIsNotOfThisHostIsRefused(String uri) {
    assertThatThrownBy(() -> LibvirtUri.parse(uri))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageStartingWith("cannot use the hypervisor " + uri + ": it must be the libvirtd");
  }
}
