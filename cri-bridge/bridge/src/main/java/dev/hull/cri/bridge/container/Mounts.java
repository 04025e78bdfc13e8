package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.namespace.UserNamespaces;
import dev.hull.cri.v1.MountPropagation;
import dev.hull.images.Image;
import dev.hull.images.Images;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.ContainerSpec.Mount.Source;
import dev.hull.vm.UserNamespace;
import dev.hull.vm.replica.AtomicFolder;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** CRI's mounts as the machine's, and the pod's own files where nothing else is mounted. */
final class Mounts {
  private static final Map<String, Source.PodFile.Kind> POD_FILES = new LinkedHashMap<>();

  static {
    POD_FILES.put("/etc/hosts", Source.PodFile.Kind.HOSTS);
    POD_FILES.put("/etc/hostname", Source.PodFile.Kind.HOSTNAME);
    POD_FILES.put("/etc/resolv.conf", Source.PodFile.Kind.RESOLV_CONF);
  }

  private final boolean hostHasSelinux;
  private final Images images;

  Mounts(boolean hostHasSelinux, Images images) {
    this.hostHasSelinux = hostHasSelinux;
    this.images = images;
  }

  /**
   * All mounts of a container.
   *
   * @param disks those that are asked for as devices
   * @param users the pod's
   */
  List<Mount> of(
      List<dev.hull.cri.v1.Mount> asked,
      List<Mount> disks,
      boolean readonlyRoot,
      Optional<UserNamespace> users) {
    List<Mount> mounts = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      mounts.add(mount("config.mounts[" + i + "].", asked.get(i), users));
    }
    mounts.addAll(disks);
    Set<String> taken = mounts.stream().map(Mount::destination).collect(Collectors.toSet());
    POD_FILES.forEach(
        (destination, kind) -> {
          if (!taken.contains(destination)) {
            Access access = readonlyRoot ? Access.READ_ONLY : Access.READ_WRITE;
            mounts.add(new Mount(new Source.PodFile(kind), destination, access, false));
          }
        });
    return mounts;
  }

  private Mount mount(String at, dev.hull.cri.v1.Mount asked, Optional<UserNamespace> users) {
    boolean mapped =
        UserNamespaces.isMapped(at, asked.getUidMappingsList(), asked.getGidMappingsList(), users);
    if (asked.getMountOptionsCount() > 0) {
      throw Refusal.field(
          at + "mount_options", "mount options are not supported yet; leave them out");
    }
    if (asked.getSelinuxRelabel() && hostHasSelinux) {
      throw Refusal.field(
          at + "selinux_relabel",
          "volumes are not relabelled yet; give the volume a label that QEMU's user may read");
    }
    boolean hostToContainer =
        switch (asked.getPropagation()) {
          case PROPAGATION_PRIVATE -> false;
          case PROPAGATION_HOST_TO_CONTAINER -> true;
          case PROPAGATION_BIDIRECTIONAL ->
              throw Refusal.field(
                  at + "propagation",
                  "what a guest mounts cannot appear on the host; use "
                      + MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
          case UNRECOGNIZED -> throw Refusal.invalid(at + "propagation is not one of CRI's");
        };
    return new Mount(
        source(at, asked),
        destination(at, asked.getContainerPath()),
        access(at, asked),
        hostToContainer,
        mapped);
  }

  /** As CRI has it: recursion is of read-only, private mounts alone. */
  private static Access access(String at, dev.hull.cri.v1.Mount asked) {
    if (!asked.getRecursiveReadOnly()) {
      return asked.getReadonly() ? Access.READ_ONLY : Access.READ_WRITE;
    }
    if (!asked.getReadonly()) {
      throw Refusal.invalid(at + "recursive_read_only is set without readonly; set both");
    }
    if (asked.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
      throw Refusal.invalid(
          at + "recursive_read_only excludes propagation; use PROPAGATION_PRIVATE");
    }
    return Access.READ_ONLY_RECURSIVE;
  }

  private Source source(String at, dev.hull.cri.v1.Mount asked) {
    if (asked.hasImage()) {
      return image(at, asked);
    }
    if (!asked.getImageSubPath().isEmpty()) {
      throw Refusal.invalid(at + "image_sub_path is set without image; set both");
    }
    Path real = hostPath(at, asked.getHostPath());
    if (BlockDevices.is(real)) {
      return new Source.BlockDevice(real);
    }
    // Where the container may write, it must write to the folder itself.
    return asked.getReadonly() && AtomicFolder.is(real)
        ? new Source.Replica(real)
        : new Source.HostPath(real);
  }

  private Source image(String at, dev.hull.cri.v1.Mount asked) {
    if (!asked.getHostPath().isEmpty()) {
      throw Refusal.invalid(at + "image and host_path exclude each other");
    }
    if (!asked.getReadonly()) {
      throw Refusal.invalid(
          at + "image is set without readonly, and no image can be written to; set both");
    }
    String subPath = asked.getImageSubPath();
    if (!isBelow(subPath)) {
      throw Refusal.invalid(
          at
              + "image_sub_path must be relative and stay in the image (path escapes from parent): "
              + subPath.replace('\0', '?'));
    }
    Image image =
        images
            .find(asked.getImage().getImage())
            .orElseThrow(
                () ->
                    Refusal.notFound(
                        "%simage %s is not here; pull it first"
                            .formatted(at, asked.getImage().getImage())));
    return new Source.ImageFiles(
        image.layers().stream().map(Image.Layer::erofs).toList(),
        Path.of(subPath).normalize().toString());
  }

  private static boolean isBelow(String subPath) {
    try {
      Path path = Path.of(subPath);
      return !path.isAbsolute() && !path.normalize().startsWith("..");
    } catch (InvalidPathException _) {
      return false;
    }
  }

  private static String destination(String at, String path) {
    Path parsed = parse(at + "container_path", path).normalize();
    if (parsed.getNameCount() == 0) {
      throw Refusal.invalid(at + "container_path must not be the root");
    }
    return parsed.toString();
  }

  /** The real path: CRI wants symbolic links followed. */
  private static Path hostPath(String at, String path) {
    Path parsed = parse(at + "host_path", path);
    try {
      return parsed.toRealPath();
    } catch (IOException _) {
      throw Refusal.state(at + "host_path does not exist on this host: " + path);
    }
  }

  private static Path parse(String field, String value) {
    try {
      Path path = Path.of(value);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException _) {
      // Refused below, with the field.
    }
    throw Refusal.invalid(field + " must be an absolute path: " + value.replace('\0', '?'));
  }
}
