package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.vm.acceleration.TinyGuest;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainFiles;
import dev.hull.vm.hypervisor.DomainSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CPU that a guest is shown. */
final class DomainXmlTest {
  private static final Path ANY = Path.of("/any");

  @TempDir private Path folder;

  @Test
  void anEmulatedCpuIsAllThatQemuHasWithoutTheSlowWayToCopy() {
    assertThat(xml(Acceleration.TCG))
        .contains("<cpu mode='maximum'><feature policy='disable' name='erms'/></cpu>");
  }

  @Test
  void aVirtualizedCpuIsTheHosts() {
    assertThat(xml(Acceleration.KVM))
        .contains("<cpu mode='host-passthrough'/>")
        .doesNotContain("erms");
  }

  private String xml(Acceleration acceleration) {
    DomainSpec booted = new DomainFiles(folder, ANY).spec(1, TinyGuest.Deed.IDLE);
    return new DomainXml(ANY, ANY, ANY, "nobody", List.of())
        .domain(DomainFiles.with(booted, acceleration));
  }
}
