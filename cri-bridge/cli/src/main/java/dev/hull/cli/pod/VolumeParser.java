package dev.hull.cli.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code spec.volumes}. */
final class VolumeParser {
  private final Set<String> names = new HashSet<>();

  /** Every name seen, also of volumes that had problems: their mounts are not to blame. */
  Set<String> names() {
    return names;
  }

  List<Pod.Volume> volumes(Fields spec) {
    List<Pod.Volume> volumes = new ArrayList<>();
    for (Fields fields : spec.mappings("volumes")) {
      String name = fields.required("name");
      ManifestParser.check(fields, "name", name, ManifestParser.label(), 63);
      if (!name.isEmpty() && !names.add(name)) {
        fields.problem("name", ": " + name + " is the name of two volumes");
      }
      Optional<Fields> emptyDir = fields.mapping("emptyDir");
      Optional<Fields> hostPath = fields.mapping("hostPath");
      boolean other = KubernetesFields.VOLUME.stream().anyMatch(fields::has);
      if (emptyDir.isPresent() && hostPath.isPresent()) {
        fields.problem("hostPath", ": a volume has one source, and this one has emptyDir too");
      } else if (emptyDir.isPresent()) {
        emptyDir(name, emptyDir.get()).ifPresent(volumes::add);
      } else if (hostPath.isPresent()) {
        hostPath(name, hostPath.get()).ifPresent(volumes::add);
      } else if (!other && !fields.has("emptyDir") && !fields.has("hostPath")) {
        fields.problem("name", ": the volume has no source; write emptyDir: {} or hostPath");
      }
      fields.refuse(KubernetesFields.VOLUME);
      fields.finish();
    }
    return volumes;
  }

  private static Optional<Pod.Volume> emptyDir(String name, Fields fields) {
    String medium = fields.string("medium").orElse("");
    Optional<String> limit = fields.quantity("sizeLimit");
    Optional<Long> bytes = limit.flatMap(Quantity::bytes);
    fields.finish();
    if (limit.isPresent() && bytes.isEmpty()) {
      fields.problem("sizeLimit", ": " + limit.get() + " is not a quantity such as 64Mi");
    }
    return switch (medium) {
      case "" -> {
        if (limit.isPresent()) {
          fields.problem("sizeLimit", " is not supported yet unless medium is Memory");
        }
        yield Optional.of(new Pod.Volume.EmptyDir(name));
      }
      case "Memory" -> Optional.of(new Pod.Volume.Memory(name, bytes.orElse(0L)));
      default -> {
        fields.problem("medium", ": must be empty or Memory, not " + medium);
        yield Optional.empty();
      }
    };
  }

  private static Optional<Pod.Volume> hostPath(String name, Fields fields) {
    String path = fields.required("path");
    String type = fields.string("type").orElse("");
    fields.finish();
    if (!path.isEmpty() && !path.startsWith("/")) {
      fields.problem("path", ": must be absolute, not " + path);
      return Optional.empty();
    }
    for (Path part : Path.of(path)) {
      if (part.toString().equals("..")) {
        fields.problem("path", ": must not contain ..");
        return Optional.empty();
      }
    }
    Pod.Volume.HostPath.Type parsed =
        switch (type) {
          case "" -> Pod.Volume.HostPath.Type.UNCHECKED;
          case "Directory" -> Pod.Volume.HostPath.Type.DIRECTORY;
          case "DirectoryOrCreate" -> Pod.Volume.HostPath.Type.DIRECTORY_OR_CREATE;
          case "File" -> Pod.Volume.HostPath.Type.FILE;
          case "FileOrCreate" -> Pod.Volume.HostPath.Type.FILE_OR_CREATE;
          case "Socket", "CharDevice", "BlockDevice" -> {
            fields.problem(
                "type", ": " + type + " is not supported: it does not cross into a machine");
            yield Pod.Volume.HostPath.Type.UNCHECKED;
          }
          default -> {
            fields.problem(
                "type",
                ": must be Directory, DirectoryOrCreate, File or FileOrCreate, not " + type);
            yield Pod.Volume.HostPath.Type.UNCHECKED;
          }
        };
    return Optional.of(new Pod.Volume.HostPath(name, path, parsed));
  }
}
