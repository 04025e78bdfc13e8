package dev.hull.tests.bench;

import dev.hull.cri.bridge.daemon.HullTemplateStore;
import dev.hull.cri.host.HostException;
import dev.hull.cri.host.TemplateStore.Entry;
import dev.hull.vm.machine.GuestImage;
import dev.hull.vm.machine.MachineModule;
import dev.hull.vm.template.Template;
import java.nio.file.Path;
import java.util.Comparator;

/** Which of the host's templates machines are copies of. */
final class TemplateInUse {
  private TemplateInUse() {}

  /** Of a machine of this size: the newest that fits, for older ones are of another QEMU. */
  static Template of(Path guestImage, SandboxInfo machine) throws HostException {
    String version = GuestImage.read(guestImage).version();
    return new HullTemplateStore()
        .list().stream()
            .filter(
                entry ->
                    entry.guestImage().equals(version)
                        && entry.vcpus() == machine.vcpus()
                        && entry.memoryMib() == machine.memoryMib())
            .max(Comparator.comparing(Entry::madeAt))
            .map(entry -> new Template(MachineModule.TEMPLATES.resolve(entry.id())))
            .orElseThrow(
                () ->
                    new HostException(
                        "the template of the measured machine has been removed meanwhile; measure"
                            + " again"));
  }
}
