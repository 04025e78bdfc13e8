package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.MountPropagation;
import dev.hull.vm.ContainerSpec.Mount;
import dev.hull.vm.ContainerSpec.Mount.Source;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  Mounts(boolean hostHasSelinux) {
    this.hostHasSelinux = hostHasSelinux;
  }

  List<Mount> of(List<dev.hull.cri.v1.Mount> asked, boolean readonlyRoot) {
    List<Mount> mounts = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      mounts.add(mount("config.mounts[" + i + "].", asked.get(i)));
    }
    Set<String> taken = mounts.stream().map(Mount::destination).collect(Collectors.toSet());
    POD_FILES.forEach(
        (destination, kind) -> {
          if (!taken.contains(destination)) {
            mounts.add(new Mount(new Source.PodFile(kind), destination, readonlyRoot, false));
          }
        });
    return mounts;
  }

  private Mount mount(String at, dev.hull.cri.v1.Mount asked) {
    if (asked.hasImage() || !asked.getImageSubPath().isEmpty()) {
      throw Refusal.field(at + "image", "image volumes are not supported yet; use another volume");
    }
    if (asked.getUidMappingsCount() + asked.getGidMappingsCount() > 0) {
      throw Refusal.field(
          at + "uidMappings", "id-mapped volumes are not supported yet; leave hostUsers out");
    }
    if (asked.getMountOptionsCount() > 0) {
      throw Refusal.field(
          at + "mount_options", "mount options are not supported yet; leave them out");
    }
    if (asked.getRecursiveReadOnly()) {
      throw Refusal.field(
          at + "recursive_read_only", "it is not supported yet; leave recursiveReadOnly out");
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
        new Source.HostPath(hostPath(at, asked.getHostPath())),
        destination(at, asked.getContainerPath()),
        asked.getReadonly(),
        hostToContainer);
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
