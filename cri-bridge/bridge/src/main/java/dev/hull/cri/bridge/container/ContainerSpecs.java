package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.resources.ResourceLimits;
import dev.hull.cri.bridge.seccomp.SeccompProfiles;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.KeyValue;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.images.Image;
import dev.hull.images.Images;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.ContainerSpec.PidNamespace;
import dev.hull.vm.ContainerSpec.Program;
import dev.hull.vm.ContainerSpec.Rights;
import dev.hull.vm.MachineSpec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From CRI's container and its image's defaults to the container that the guest is to make. */
public final class ContainerSpecs {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");
  private static final List<String> READONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
  private static final String SECURITY = "config.linux.security_context.";
  private static final String RESOURCES = "config.linux.resources.";

  private final Mounts mounts;
  private final SeccompProfiles seccomp;

  public ContainerSpecs(boolean hostHasSelinux, Images images, SeccompProfiles seccomp) {
    this.mounts = new Mounts(hostHasSelinux, images);
    this.seccomp = seccomp;
  }

  /**
   * @param pod the machine's
   */
  ContainerSpec spec(
      String id, ContainerConfig config, Image image, MachineSpec pod, PidNamespace pidNamespace) {
    LinuxContainerSecurityContext security = config.getLinux().getSecurityContext();
    boolean privileged = security.getPrivileged();
    Devices devices = Devices.of(config.getDevicesList());
    // Kubernetes says procMount: Unmasked by empty lists, and lets only pods with users of their
    // own have it.
    boolean hidden = pod.users().isEmpty();
    return new ContainerSpec(
        id,
        image.layers().stream().map(Image.Layer::erofs).toList(),
        security.getReadonlyRootfs(),
        program(config, image.config(), pod.hostname()),
        mounts.of(
            config.getMountsList(), devices.disks(), security.getReadonlyRootfs(), pod.users()),
        ResourceLimits.of(RESOURCES, config.getLinux().getResources()),
        privileged,
        pidNamespace,
        paths(
            "masked_paths", security.getMaskedPathsList(), hidden ? MASKED : List.of(), privileged),
        paths(
            "readonly_paths",
            security.getReadonlyPathsList(),
            hidden ? READONLY : List.of(),
            privileged),
        devices.own());
  }

  private Program program(ContainerConfig config, Image.Config image, String hostname) {
    LinuxContainerSecurityContext security = config.getLinux().getSecurityContext();
    Capabilities capabilities =
        Capabilities.of(security.getCapabilities(), security.getPrivileged());
    return new Program(
        args(config, image),
        env(config, image, hostname),
        workingDir(config, image),
        Users.of(security, image),
        config.getTty(),
        config.getStdin(),
        new Rights(
            capabilities.all(),
            capabilities.ambient(),
            security.getNoNewPrivs(),
            seccomp.filter(security, capabilities.all())),
        List.of(),
        ResourceLimits.oomScoreAdj(RESOURCES, config.getLinux().getResources()));
  }

  /** A command replaces the image's entrypoint and drops its cmd; args alone replace its cmd. */
  private static List<String> args(ContainerConfig config, Image.Config image) {
    List<String> command = config.getCommandList();
    List<String> args = config.getArgsList();
    if (command.isEmpty()) {
      if (args.isEmpty()) {
        args = image.cmd();
      }
      // Dockerfiles say ENTRYPOINT [""] for none.
      if (!image.entrypoint().equals(List.of(""))) {
        command = image.entrypoint();
      }
    }
    List<String> all = new ArrayList<>(command);
    all.addAll(args);
    if (all.isEmpty()) {
      throw Refusal.invalid(
          "config.command is empty, and the image has neither Entrypoint nor Cmd; give a command");
    }
    all.forEach(word -> noNul("config.command and config.args", word));
    return all;
  }

  private static List<String> env(ContainerConfig config, Image.Config image, String hostname) {
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PATH", DEFAULT_PATH);
    env.put("HOSTNAME", hostname);
    if (config.getTty()) {
      env.put("TERM", "xterm");
    }
    for (String entry : image.env()) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        env.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    for (KeyValue entry : config.getEnvsList()) {
      String key = entry.getKey();
      if (key.isEmpty() || key.indexOf('=') >= 0) {
        throw Refusal.invalid(
            "config.envs: a name must not be empty and must not have '=' in it: " + key);
      }
      noNul("config.envs", key);
      env.put(key, value(entry));
    }
    return env.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
  }

  private static String value(KeyValue entry) {
    ByteBuffer bytes = entry.getValue().asReadOnlyByteBuffer();
    try {
      String value = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      noNul("config.envs", value);
      return value;
    } catch (CharacterCodingException _) {
      throw Refusal.field(
          "config.envs", "the value of " + entry.getKey() + " is not UTF-8; encode it");
    }
  }

  private static void noNul(String field, String text) {
    if (text.indexOf('\0') >= 0) {
      throw Refusal.invalid(field + " must not have a NUL character in them");
    }
  }

  private static String workingDir(ContainerConfig config, Image.Config image) {
    String dir = config.getWorkingDir().isEmpty() ? image.workingDir() : config.getWorkingDir();
    if (dir.isEmpty()) {
      return "/";
    }
    if (!dir.startsWith("/")) {
      throw Refusal.invalid("config.working_dir must be an absolute path: " + dir);
    }
    noNul("config.working_dir", dir);
    return dir;
  }

  /** Empty lists mean the defaults; a privileged container has none. */
  private static List<String> paths(
      String field, List<String> asked, List<String> defaults, boolean privileged) {
    for (String path : asked) {
      if (!path.startsWith("/")) {
        throw Refusal.invalid(SECURITY + field + " must be absolute paths: " + path);
      }
    }
    if (privileged) {
      return List.of();
    }
    return asked.isEmpty() ? defaults : asked;
  }
}
