package dev.hull.agent;

import static dev.hull.agent.linux.Mounts.NO_DEV;
import static dev.hull.agent.linux.Mounts.NO_EXEC;
import static dev.hull.agent.linux.Mounts.NO_SUID;

import dev.hull.agent.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the first-stage init leaves to the agent: the file systems that are not needed to start it.
 */
final class Boot {
  private final Mounts mounts;

  Boot(Mounts mounts) {
    this.mounts = mounts;
  }

  void mountFileSystems() throws IOException {
    mounts.mount("tmpfs", "/run", "tmpfs", NO_SUID | NO_DEV, "mode=755");
    mounts.mount("tmpfs", "/tmp", "tmpfs", NO_SUID | NO_DEV, "mode=1777");
    Files.createDirectories(Path.of("/dev/pts"));
    Files.createDirectories(Path.of("/dev/shm"));
    mounts.mount("devpts", "/dev/pts", "devpts", NO_SUID | NO_EXEC, "gid=5,mode=620,ptmxmode=666");
    mounts.mount("tmpfs", "/dev/shm", "tmpfs", NO_SUID | NO_DEV, "mode=1777");
    mounts.mount("cgroup2", "/sys/fs/cgroup", "cgroup2", NO_SUID | NO_DEV | NO_EXEC, "nsdelegate");
    for (String folder : new String[] {"pod", "share", "scratch", "layers", "containers"}) {
      Files.createDirectories(Path.of("/run/hull", folder));
    }
  }
}
