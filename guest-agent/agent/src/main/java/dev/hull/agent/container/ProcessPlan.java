package dev.hull.agent.container;

import dev.hull.agent.process.LaunchSpec;
import dev.hull.agent.users.PodUsers;
import dev.hull.guest.v1.Capabilities;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.Device;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.Rlimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Turns specifications of the host into ones of the launcher. */
final class ProcessPlan {
  private static final String SHM = "/dev/shm";
  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final PodUsers users;
  private final Path run;

  /**
   * @param run {@code /run/hull}
   */
  ProcessPlan(PodUsers users, Path run) {
    this.users = users;
    this.run = run;
  }

  /**
   * A container's first process.
   *
   * @param volumes the source of each mount
   */
  LaunchSpec first(
      ContainerSpec container, Identity identity, Path root, List<Path> volumes, Path cgroup) {
    LaunchSpec launch =
        process(LaunchSpec.Mode.CREATE, container.getProcess(), identity)
            .cgroup(cgroup.toString())
            .root(root.toString())
            .flag(LaunchSpec.PRIVILEGED, container.getPrivileged())
            .flag(LaunchSpec.DEVICE_FILTER, !container.getPrivileged())
            .flag(LaunchSpec.READONLY_ROOT, container.getRoot().getReadonly())
            .masked(container.getMaskedPathsList())
            .readonly(container.getReadonlyPathsList());
    boolean ownShm =
        container.getMountsList().stream().anyMatch(mount -> mount.getDestination().equals(SHM));
    if (!ownShm) {
      launch.bind(run.resolve("pod/shm").toString(), SHM, false, false);
    }
    for (int i = 0; i < volumes.size(); i++) {
      add(launch, container.getMounts(i), volumes.get(i));
    }
    for (Device device : container.getDevicesList()) {
      launch.device(
          device.getGuestPath(), device.getContainerPath(), device.getRead(), device.getWrite());
    }
    return launch;
  }

  /** A further process in a container that runs. */
  LaunchSpec further(ContainerSpec container, ProcessSpec process, Identity identity, Path cgroup) {
    return process(LaunchSpec.Mode.JOIN, process, identity)
        .cgroup(cgroup.toString())
        .flag(LaunchSpec.PRIVILEGED, container.getPrivileged());
  }

  /** The same, with what it leaves open taken from the container's first process. */
  static ProcessSpec completed(ProcessSpec process, ProcessSpec first) {
    ProcessSpec.Builder full = process.toBuilder();
    if (process.getEnvCount() == 0) {
      full.addAllEnv(first.getEnvList());
    }
    if (process.getWorkingDir().isEmpty()) {
      full.setWorkingDir(first.getWorkingDir());
    }
    if (process.getUser().getName().isEmpty()
        && process.getUser().getSupplementalGroupsCount() == 0) {
      full.setUser(first.getUser());
    }
    if (!process.hasCapabilities()) {
      full.setCapabilities(first.getCapabilities());
    }
    if (process.getSeccompBpf().isEmpty()) {
      full.setSeccompBpf(first.getSeccompBpf());
    }
    if (process.getRlimitsCount() == 0) {
      full.addAllRlimits(first.getRlimitsList());
    }
    if (process.getOomScoreAdj() == 0) {
      full.setOomScoreAdj(first.getOomScoreAdj());
    }
    return full.setNoNewPrivileges(process.getNoNewPrivileges() || first.getNoNewPrivileges())
        .build();
  }

  private LaunchSpec process(LaunchSpec.Mode mode, ProcessSpec process, Identity identity) {
    Capabilities capabilities = process.getCapabilities();
    // Another user has what its files give it: without ambient ones, root's sets are not for it.
    boolean root = identity.uid() == 0;
    long ambient = LinuxNames.capabilities(capabilities.getAmbientList());
    long permitted = LinuxNames.capabilities(capabilities.getPermittedList());
    long effective = LinuxNames.capabilities(capabilities.getEffectiveList());
    LaunchSpec launch =
        new LaunchSpec(mode)
            .args(process.getArgsList())
            .env(environment(process, identity))
            .workingDir(process.getWorkingDir().isEmpty() ? "/" : process.getWorkingDir())
            .user(identity.uid(), identity.gid(), identity.groups())
            .capabilities(
                LinuxNames.capabilities(capabilities.getBoundingList()),
                root ? permitted : ambient,
                root ? effective : ambient,
                LinuxNames.capabilities(capabilities.getInheritableList()) | ambient,
                ambient)
            .seccomp(process.getSeccompBpf().toByteArray())
            .oomScoreAdj(process.getOomScoreAdj())
            .flag(LaunchSpec.TERMINAL, process.getTerminal())
            .flag(LaunchSpec.NO_NEW_PRIVILEGES, process.getNoNewPrivileges());
    for (Rlimit limit : process.getRlimitsList()) {
      launch.rlimit(LinuxNames.rlimit(limit.getName()), limit.getSoft(), limit.getHard());
    }
    return users.enter(launch);
  }

  /** What programs rely on is there even if the image does not say it. */
  private static List<String> environment(ProcessSpec process, Identity identity) {
    List<String> env = new ArrayList<>(process.getEnvList());
    addIfMissing(env, DEFAULT_PATH);
    addIfMissing(env, "HOME=" + identity.home());
    if (process.getTerminal()) {
      addIfMissing(env, "TERM=xterm");
    }
    return env;
  }

  private static void addIfMissing(List<String> env, String entry) {
    String name = entry.substring(0, entry.indexOf('=') + 1);
    if (env.stream().noneMatch(present -> present.startsWith(name))) {
      env.add(entry);
    }
  }

  private static void add(LaunchSpec launch, Mount mount, Path source) {
    if (mount.hasTmpfsBytes()) {
      launch.tmpfs(mount.getTmpfsBytes(), mount.getDestination(), mount.getReadonly());
    } else if (mount.hasBlockDevice()) {
      launch.device(source.toString(), mount.getDestination(), true, !mount.getReadonly());
    } else {
      launch.bind(
          source.toString(),
          mount.getDestination(),
          mount.getReadonly() || mount.hasImage(),
          mount.getHostToContainer());
    }
  }
}
