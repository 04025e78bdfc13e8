package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.vm.ContainerSpec.Device;
import dev.hull.vm.ContainerSpec.Mount;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * CRI's devices, by their names on the host. Of the host's own its disks alone cross into a
 * machine, as {@link BlockDevices}; of others a machine has some of the same name.
 *
 * @param own the machine's own
 * @param disks the host's
 */
record Devices(List<Device> own, List<Mount> disks) {
  /** The first six are in every container; whether a machine has the others, it says itself. */
  private static final Set<String> OF_MACHINES =
      Set.of(
          "/dev/null",
          "/dev/zero",
          "/dev/full",
          "/dev/random",
          "/dev/urandom",
          "/dev/tty",
          "/dev/fuse",
          "/dev/net/tun",
          "/dev/kvm");

  static Devices of(List<dev.hull.cri.v1.Device> asked) {
    List<Device> own = new ArrayList<>();
    List<Mount> disks = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      String at = "config.devices[" + i + "].";
      String permissions = asked.get(i).getPermissions();
      if (!permissions.matches("[rwm]{1,3}")) {
        throw Refusal.invalid(at + "permissions must be of r, w and m: " + permissions);
      }
      String path = containerPath(at + "container_path", asked.get(i).getContainerPath());
      Optional<Mount> disk = BlockDevices.mount(asked.get(i), path);
      if (disk.isPresent()) {
        disks.add(disk.get());
      } else {
        own.add(device(at, asked.get(i), path));
      }
    }
    return new Devices(own, disks);
  }

  private static Device device(String at, dev.hull.cri.v1.Device asked, String containerPath) {
    if (!OF_MACHINES.contains(asked.getHostPath())) {
      throw Refusal.field(
          at + "host_path",
          asked.getHostPath()
              + " is the host's, and of the host's devices its disks alone cross into a machine; leave it out"
              + " (a machine has its own /dev/fuse, /dev/net/tun and, where the processor lets it,"
              + " /dev/kvm)");
    }
    return new Device(
        asked.getHostPath(),
        containerPath,
        asked.getPermissions().indexOf('r') >= 0,
        asked.getPermissions().indexOf('w') >= 0);
  }

  private static String containerPath(String field, String path) {
    try {
      Path parsed = Path.of(path).normalize();
      if (parsed.isAbsolute() && parsed.getNameCount() > 0) {
        return parsed.toString();
      }
    } catch (InvalidPathException _) {
      // Refused below, with the field.
    }
    throw Refusal.invalid(
        field + " must be an absolute path and not the root: " + path.replace('\0', '?'));
  }
}
