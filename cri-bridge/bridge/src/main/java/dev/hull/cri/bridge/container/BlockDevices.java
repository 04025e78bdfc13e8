package dev.hull.cri.bridge.container;

import dev.hull.cri.v1.Device;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.ContainerSpec.Mount.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Disks of the host, which machines get as disks: volumes of the mode Block are such. */
final class BlockDevices {
  private static final int TYPE_MASK = 0xf000;
  private static final int BLOCK = 0x6000;

  private BlockDevices() {}

  /** Whether it is there and is one. */
  static boolean is(Path path) {
    try {
      return Files.getAttribute(path, "unix:mode") instanceof Integer mode
          && (mode & TYPE_MASK) == BLOCK;
    } catch (IOException e) {
      return false;
    }
  }

  /** A device of a container as the mount that makes it; empty for a device of another kind. */
  static Optional<Mount> mount(Device device, String containerPath) {
    try {
      Path real = Path.of(device.getHostPath()).toRealPath();
      return is(real)
          ? Optional.of(
              new Mount(
                  new Source.BlockDevice(real),
                  containerPath,
                  device.getPermissions().indexOf('w') >= 0 ? Access.READ_WRITE : Access.READ_ONLY,
                  false))
          : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }
}
