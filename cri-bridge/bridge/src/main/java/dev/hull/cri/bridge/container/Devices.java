package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.vm.ContainerSpec.Device;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * CRI's devices, by their names on the host. The host's own do not cross into a machine; a machine
 * has some of the same name.
 */
final class Devices {
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

  private Devices() {}

  static List<Device> of(List<dev.hull.cri.v1.Device> asked) {
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      devices.add(device("config.devices[" + i + "].", asked.get(i)));
    }
    return devices;
  }

  private static Device device(String at, dev.hull.cri.v1.Device asked) {
    if (!OF_MACHINES.contains(asked.getHostPath())) {
      throw Refusal.field(
          at + "host_path",
          asked.getHostPath()
              + " is the host's, and devices of the host do not cross into a machine; leave it out"
              + " (a machine has its own /dev/fuse, /dev/net/tun and, where the processor lets it,"
              + " /dev/kvm)");
    }
    String permissions = asked.getPermissions();
    if (!permissions.matches("[rwm]{1,3}")) {
      throw Refusal.invalid(at + "permissions must be of r, w and m: " + permissions);
    }
    return new Device(
        asked.getHostPath(),
        containerPath(at + "container_path", asked.getContainerPath()),
        permissions.indexOf('r') >= 0,
        permissions.indexOf('w') >= 0);
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
