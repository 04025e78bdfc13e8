package dev.hull.agent.container;

import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.Device;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.PodFile;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.Resources;
import dev.hull.guest.v1.Rlimit;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Refuses what no container can be made of, before anything is made. All methods throw
 * IllegalArgumentException, which says what is wrong with which field.
 */
final class SpecCheck {
  private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,64}");
  private static final Pattern CPUS = Pattern.compile("[0-9,-]{0,1024}");
  private static final int MAX_ITEMS = 8192;
  private static final int MAX_MOUNTS = 512;
  private static final int MAX_PATHS = 256;
  private static final int MAX_PATH = 4095;
  private static final int MAX_LAYERS = 128;
  private static final int MAX_DEVICES = 64;
  private static final int MAX_GROUPS = 512;
  private static final int MAX_RLIMITS = 16;
  private static final int FILTER_BYTES = 8;
  private static final int MAX_FILTERS = 4096;
  private static final int MAX_CPU_WEIGHT = 10_000;
  private static final Pattern CGROUP_FILE =
      Pattern.compile("(?:cpu|io|memory|pids)(?:\\.[a-z]{1,16}){1,3}");
  private static final Pattern CGROUP_VALUE = Pattern.compile("[a-z0-9 ]{1,64}");
  private static final int MAX_UNIFIED = 32;
  private static final int MAX_OOM_SCORE = 1000;

  private SpecCheck() {}

  static String id(String id) {
    require(ID.matcher(id).matches(), "an id has 1 to 64 of a-z, 0-9 and -, not: " + shown(id));
    return id;
  }

  static void container(ContainerSpec spec) {
    require(spec.hasRoot() && spec.getRoot().hasDisk(), "root.disk is missing");
    layers("root", spec.getRoot().getLayerPartitionsList());
    require(spec.hasProcess(), "process is missing");
    process(spec.getProcess());
    require(spec.getMountsCount() <= MAX_MOUNTS, "more than 512 mounts");
    spec.getMountsList().forEach(SpecCheck::mount);
    paths("masked_paths", spec.getMaskedPathsList());
    paths("readonly_paths", spec.getReadonlyPathsList());
    require(spec.getDevicesCount() <= MAX_DEVICES, "more than 64 devices");
    spec.getDevicesList().forEach(SpecCheck::device);
    if (!spec.getPidNamespaceOf().isEmpty()) {
      id(spec.getPidNamespaceOf());
    }
    resources(spec.getResources());
  }

  private static void layers(String of, List<Integer> partitions) {
    require(
        !partitions.isEmpty() && partitions.size() <= MAX_LAYERS,
        of + ".layer_partitions must name 1 to 128 layers");
    partitions.forEach(
        number ->
            require(
                number >= 1 && number <= MAX_LAYERS,
                of + ".layer_partitions are 1 to 128, not " + Integer.toUnsignedString(number)));
  }

  static void process(ProcessSpec spec) {
    require(spec.getArgsCount() > 0 && !spec.getArgs(0).isEmpty(), "process.args is empty");
    require(spec.getArgsCount() <= MAX_ITEMS, "process.args has more than 8192 items");
    require(spec.getEnvCount() <= MAX_ITEMS, "process.env has more than 8192 items");
    spec.getArgsList().forEach(arg -> text("process.args", arg));
    for (String entry : spec.getEnvList()) {
      text("process.env", entry);
      require(entry.indexOf('=') > 0, "process.env is not NAME=value: " + shown(entry));
    }
    if (!spec.getWorkingDir().isEmpty()) {
      path("process.working_dir", spec.getWorkingDir());
    }
    require(
        spec.getUser().getSupplementalGroupsCount() <= MAX_GROUPS,
        "process.user.supplemental_groups has more than 512 items");
    require(spec.getRlimitsCount() <= MAX_RLIMITS, "process.rlimits has more than 16 items");
    for (Rlimit limit : spec.getRlimitsList()) {
      LinuxNames.rlimit(limit.getName());
      require(
          Long.compareUnsigned(limit.getSoft(), limit.getHard()) <= 0,
          "process.rlimits: the soft limit of " + limit.getName() + " is above its hard limit");
    }
    int filter = spec.getSeccompBpf().size();
    require(
        filter % FILTER_BYTES == 0 && filter / FILTER_BYTES <= MAX_FILTERS,
        "process.seccomp_bpf is no seccomp filter: " + filter + " bytes");
    oomScore("process.oom_score_adj", spec.getOomScoreAdj());
  }

  static void limits(Resources resources, int oomScoreAdj) {
    resources(resources);
    oomScore("oom_score_adj", oomScoreAdj);
  }

  private static void oomScore(String field, int score) {
    require(
        score >= -MAX_OOM_SCORE && score <= MAX_OOM_SCORE,
        field + " must be -1000 to 1000, is " + score);
  }

  private static void mount(Mount mount) {
    path("mounts.destination", mount.getDestination());
    require(
        !withoutSlashes(mount.getDestination()).isEmpty(),
        "mounts.destination cannot be the root of the container");
    switch (mount.getSourceCase()) {
      case SHARE_PATH -> below("mounts.share_path", "the share", mount.getSharePath());
      case REPLICA_SHARE_PATH ->
          below("mounts.replica_share_path", "the share", mount.getReplicaSharePath());
      case BLOCK_DEVICE ->
          require(
              !mount.getDestination().endsWith("/"),
              "mounts.destination of a block device must name a file: "
                  + shown(mount.getDestination()));
      case IMAGE -> {
        require(mount.getImage().hasDisk(), "mounts.image.disk is missing");
        layers("mounts.image", mount.getImage().getLayerPartitionsList());
        if (!mount.getImage().getSubPath().isEmpty()) {
          below("mounts.image.sub_path", "the image", mount.getImage().getSubPath());
        }
      }
      case TMPFS_BYTES ->
          require(mount.getTmpfsBytes() >= 0, "mounts.tmpfs_bytes is more than a tmpfs can have");
      case POD_FILE ->
          require(
              mount.getPodFile() != PodFile.POD_FILE_UNSPECIFIED
                  && mount.getPodFile() != PodFile.UNRECOGNIZED,
              "mounts.pod_file is none that the agent knows");
      case SOURCE_NOT_SET ->
          throw new IllegalArgumentException(
              "the mount over " + shown(mount.getDestination()) + " has no source");
    }
  }

  private static void device(Device device) {
    path("devices.guest_path", device.getGuestPath());
    require(
        device.getGuestPath().startsWith("/dev/"),
        "devices.guest_path must be below /dev: " + shown(device.getGuestPath()));
    path("devices.container_path", device.getContainerPath());
    require(
        !device.getContainerPath().endsWith("/"),
        "devices.container_path must name a file: " + shown(device.getContainerPath()));
  }

  private static void below(String field, String root, String path) {
    text(field, path);
    require(
        !path.isEmpty() && !path.startsWith("/") && path.length() <= MAX_PATH && normal(path),
        field + " must be a path below " + root + ", without . and ..: " + shown(path));
  }

  private static void resources(Resources resources) {
    int weight = resources.getCpuWeight();
    require(
        weight >= 0 && weight <= MAX_CPU_WEIGHT,
        "resources.cpu_weight must be 1 to 10000, is " + Integer.toUnsignedString(weight));
    require(
        CPUS.matcher(resources.getCpusetCpus()).matches(),
        "resources.cpuset_cpus is no list of CPUs: " + shown(resources.getCpusetCpus()));
    require(resources.getUnifiedCount() <= MAX_UNIFIED, "resources.unified has more than 32 items");
    resources
        .getUnifiedMap()
        .forEach(
            (file, value) -> {
              require(
                  CGROUP_FILE.matcher(file).matches(),
                  "resources.unified: is no limit of a cgroup: " + shown(file));
              require(
                  CGROUP_VALUE.matcher(value).matches(),
                  "resources.unified: is no value of " + file + ": " + shown(value));
            });
  }

  private static void paths(String field, List<String> paths) {
    require(paths.size() <= MAX_PATHS, field + " has more than 256 items");
    paths.forEach(path -> path(field, path));
  }

  private static void path(String field, String path) {
    text(field, path);
    require(
        path.startsWith("/") && path.length() <= MAX_PATH && normal(withoutSlashes(path)),
        field + " must be an absolute path without . and ..: " + shown(path));
  }

  private static String withoutSlashes(String path) {
    return path.replaceAll("^/+|/+$", "");
  }

  /** No dots. Empty parts (two slashes) do no harm. */
  private static boolean normal(String path) {
    for (String part : path.split("/", -1)) {
      if (part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return true;
  }

  private static void text(String field, String text) {
    require(text.indexOf('\0') < 0, field + " holds a NUL: " + shown(text));
  }

  static String shown(String text) {
    String visible = text.replaceAll("\\p{Cntrl}", "?");
    return visible.length() > 100 ? visible.substring(0, 100) + "…" : visible;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
