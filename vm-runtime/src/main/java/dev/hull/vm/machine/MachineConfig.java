package dev.hull.vm.machine;

import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.template.Templates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How machines are made.
 *
 * @param folder where each machine has a folder of its own; QEMU's user must get through
 * @param templates what machines are copies of where there is one that fits; others boot
 * @param host what the host has: no machine grows beyond it
 * @param acceleration asked at each start; may block the first time
 * @param bootDeadline from the domain's start to the agent's answer
 */
public record MachineConfig(
    Path folder,
    GuestImage image,
    Templates templates,
    MachineSize host,
    Supplier<Acceleration> acceleration,
    Duration bootDeadline) {
  /** Under software emulation on a busy host a boot takes up to 20 s. */
  public static final Duration DEFAULT_BOOT_DEADLINE = Duration.ofSeconds(90);

  public MachineConfig {
    if (!folder.isAbsolute()) {
      throw new IllegalArgumentException("must be an absolute path: " + folder);
    }
  }
}
