package dev.hull.cli.manifest;

import dev.hull.cli.pod.Volume;
import dev.hull.cli.pod.Volume.HostPath;
import dev.hull.cli.pod.Volume.Item;
import dev.hull.cli.pod.Volume.Source;
import dev.hull.cri.kubernetes.Quantity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Reads {@code spec.volumes}. */
final class VolumeParser {
  private static final int DEFAULT_MODE = 0644;
  private static final int MOST_MODE = 0777;
  private static final String NO_DRIVER =
      "no driver for it is here; mount it on the host, and use hostPath";
  private static final List<String> OF_CLUSTERS =
      List.of(
          "awsElasticBlockStore",
          "azureDisk",
          "azureFile",
          "cephfs",
          "cinder",
          "csi",
          "fc",
          "flexVolume",
          "flocker",
          "gcePersistentDisk",
          "glusterfs",
          "iscsi",
          "nfs",
          "photonPersistentDisk",
          "portworxVolume",
          "quobyte",
          "rbd",
          "scaleIO",
          "storageos",
          "vsphereVolume");
  private static final Map<String, HostPath.Type> HOST_PATHS =
      Map.of(
          "", HostPath.Type.UNCHECKED,
          "Directory", HostPath.Type.DIRECTORY,
          "DirectoryOrCreate", HostPath.Type.DIRECTORY_OR_CREATE,
          "File", HostPath.Type.FILE,
          "FileOrCreate", HostPath.Type.FILE_OR_CREATE);
  private static final Map<String, BiFunction<String, Fields, Volume>> KINDS =
      new LinkedHashMap<>();

  static {
    KINDS.put("emptyDir", VolumeParser::emptyDir);
    KINDS.put("hostPath", VolumeParser::hostPath);
    KINDS.put("configMap", VolumeParser::configMap);
    KINDS.put("secret", VolumeParser::secret);
    KINDS.put("downwardAPI", VolumeParser::downward);
    KINDS.put("projected", VolumeParser::projected);
    KINDS.put("persistentVolumeClaim", VolumeParser::claim);
    KINDS.put("image", VolumeParser::image);
  }

  private final Set<String> names = new HashSet<>();

  /** Every name seen, also of volumes that had problems: their mounts are not to blame. */
  Set<String> names() {
    return names;
  }

  List<Volume> volumes(Fields spec) {
    List<Volume> volumes = new ArrayList<>();
    for (Fields fields : spec.mappings("volumes")) {
      String name = fields.required("name");
      Names.LABEL.check(fields, "name", name);
      if (!name.isEmpty() && !names.add(name)) {
        fields.problem("name", ": " + name + " is the name of two volumes");
      }
      String taken = "";
      for (Map.Entry<String, BiFunction<String, Fields, Volume>> kind : KINDS.entrySet()) {
        Optional<Fields> found = fields.mapping(kind.getKey());
        if (found.isPresent()) {
          if (!taken.isEmpty()) {
            fields.problem(
                kind.getKey(), ": a volume has one source, and this one has " + taken + " too");
          }
          taken = kind.getKey();
          volumes.add(kind.getValue().apply(name, found.get()));
          found.get().finish();
        }
      }
      OF_CLUSTERS.forEach(kind -> fields.refuse(kind, NO_DRIVER));
      fields.refuse("gitRepo", "Kubernetes has given it up; clone in an init container");
      fields.refuse(
          "ephemeral", "there are no drivers here; write emptyDir, which lives as long as the pod");
      if (fields.keys().stream().filter(key -> !key.equals("name")).noneMatch(fields::has)) {
        fields.problem("name", ": the volume has no source; write emptyDir: {} or hostPath");
      }
      fields.finish();
    }
    return volumes;
  }

  private static Volume emptyDir(String name, Fields fields) {
    boolean memory = fields.choice("medium", Map.of("", false, "Memory", true), false);
    Optional<String> limit = fields.quantity("sizeLimit");
    Optional<Long> bytes = limit.flatMap(Quantity::bytes);
    if (limit.isPresent() && bytes.isEmpty()) {
      fields.problem("sizeLimit", ": " + limit.get() + " is not a quantity such as 64Mi");
    }
    return new Volume.EmptyDir(
        name, memory, bytes.filter(b -> b > 0), mode(fields, "mode").orElse(MOST_MODE));
  }

  private static Volume hostPath(String name, Fields fields) {
    String path = fields.required("path");
    String type = fields.string("type").orElse("");
    if (!path.isEmpty() && !path.startsWith("/")) {
      fields.problem("path", ": must be absolute, not " + path);
    } else if (hasDots(path)) {
      fields.problem("path", ": must not contain ..");
    }
    if (Set.of("Socket", "CharDevice", "BlockDevice").contains(type)) {
      fields.problem("type", ": is refused: a " + type + " does not cross into a machine");
      return new HostPath(name, path, HostPath.Type.UNCHECKED);
    }
    return new HostPath(name, path, fields.choice("type", HOST_PATHS, HostPath.Type.UNCHECKED));
  }

  private static Volume configMap(String name, Fields fields) {
    int mode = defaultMode(fields);
    return new Volume.Projected(name, List.of(ofConfigMap(fields, "name")), mode);
  }

  private static Volume secret(String name, Fields fields) {
    int mode = defaultMode(fields);
    return new Volume.Projected(name, List.of(ofSecret(fields, "secretName")), mode);
  }

  private static Volume downward(String name, Fields fields) {
    int mode = defaultMode(fields);
    return new Volume.Projected(name, ofPod(fields), mode);
  }

  private static Volume projected(String name, Fields fields) {
    List<Source> sources = new ArrayList<>();
    for (Fields source : fields.mappings("sources")) {
      int before = sources.size();
      source.mapping("configMap").ifPresent(f -> sources.add(done(f, ofConfigMap(f, "name"))));
      source.mapping("secret").ifPresent(f -> sources.add(done(f, ofSecret(f, "name"))));
      Optional<Fields> downward = source.mapping("downwardAPI");
      downward.ifPresent(f -> sources.addAll(ofPod(f)));
      downward.ifPresent(Fields::finish);
      String noServer = "there is no API server here to sign it; leave it out";
      source.refuse("serviceAccountToken", noServer);
      source.refuse("clusterTrustBundle", noServer);
      source.refuse("podCertificate", noServer);
      if (sources.size() > before + 1 && downward.isEmpty()) {
        source.problem("", ": a source is one thing; write each as an item of its own");
      }
      source.finish();
    }
    return new Volume.Projected(name, sources, defaultMode(fields));
  }

  private static <T> T done(Fields fields, T value) {
    fields.refuse("defaultUser", "files of another owner are not made yet; use fsGroup");
    fields.finish();
    return value;
  }

  private static Volume claim(String name, Fields fields) {
    String claim = fields.required("claimName");
    Names.SUBDOMAIN.check(fields, "claimName", claim);
    return new Volume.Claim(name, claim, fields.bool("readOnly"));
  }

  private static Volume image(String name, Fields fields) {
    String reference = fields.required("reference");
    return new Volume.OfImage(
        name, reference, ContainerParser.pullPolicy(fields, "pullPolicy", reference));
  }

  private static Source ofConfigMap(Fields fields, String name) {
    String configMap = fields.required(name);
    Names.SUBDOMAIN.check(fields, name, configMap);
    return new Source.OfConfigMap(configMap, items(fields), fields.bool("optional"));
  }

  private static Source ofSecret(Fields fields, String name) {
    String secret = fields.required(name);
    Names.SUBDOMAIN.check(fields, name, secret);
    return new Source.OfSecret(secret, items(fields), fields.bool("optional"));
  }

  private static List<Item> items(Fields fields) {
    List<Item> items = new ArrayList<>();
    for (Fields item : fields.mappings("items")) {
      String key = item.required("key");
      items.add(new Item(key, path(item), mode(item, "mode")));
      user(item);
      item.finish();
    }
    return items;
  }

  private static List<Source> ofPod(Fields fields) {
    List<Source> sources = new ArrayList<>();
    for (Fields item : fields.mappings("items")) {
      String path = path(item);
      Optional<Integer> mode = mode(item, "mode");
      user(item);
      DownwardParser.field(item, true)
          .ifPresent(field -> sources.add(new Source.OfField(field, path, mode)));
      DownwardParser.resource(item, true)
          .ifPresent(resource -> sources.add(new Source.OfResource(resource, path, mode)));
      if (item.has("fieldRef") == item.has("resourceFieldRef")) {
        item.problem("path", ": one of fieldRef and resourceFieldRef is needed");
      }
      item.finish();
    }
    return sources;
  }

  private static void user(Fields fields) {
    fields.refuse("user", "files of another owner are not made yet; use fsGroup");
  }

  private static String path(Fields item) {
    String path = item.required("path");
    if (path.startsWith("/") || hasDots(path) || path.startsWith("..")) {
      item.problem("path", ": must be relative, and must not contain or begin with ..");
    }
    return path;
  }

  private static int defaultMode(Fields fields) {
    fields.refuse("defaultUser", "files of another owner are not made yet; use fsGroup");
    return mode(fields, "defaultMode").orElse(DEFAULT_MODE);
  }

  /** YAML 1.1 reads 0644 as octal, as kubectl does; 420 is the same in decimal. */
  private static Optional<Integer> mode(Fields fields, String name) {
    return fields.octal(name, MOST_MODE);
  }

  static boolean hasDots(String path) {
    for (Path part : Path.of(path.replace('\0', '?'))) {
      if (part.toString().equals("..")) {
        return true;
      }
    }
    return false;
  }
}
