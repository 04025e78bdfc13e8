package dev.hull.agent.container;

import dev.hull.agent.linux.Mounts;
import dev.hull.agent.process.LaunchException;
import dev.hull.agent.process.LaunchSpec;
import dev.hull.agent.process.Launcher;
import dev.hull.agent.process.RunningProcess;
import dev.hull.agent.users.PodUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What all containers of the pod share besides the machine itself, made when the first one wants
 * it: {@code /dev/shm}, and a PID namespace with a process that only reaps. The agent's own PID
 * namespace is not for sharing: a container could then reach into the agent.
 */
final class PodNamespaces {
  private static final String SHM_OPTIONS = "mode=1777,size=64m";

  private final Launcher launcher;
  private final Mounts mounts;
  private final Cgroups cgroups;
  private final PodUsers users;
  private final Path run;
  private boolean shmMounted;
  private @Nullable Pause pause;

  /** The process that only reaps, alone in its cgroup. */
  private record Pause(RunningProcess process, Cgroup cgroup) {}

  PodNamespaces(Launcher launcher, Mounts mounts, Cgroups cgroups, PodUsers users, Path run) {
    this.launcher = launcher;
    this.mounts = mounts;
    this.cgroups = cgroups;
    this.users = users;
    this.run = run;
  }

  synchronized void mountShm() throws IOException {
    if (shmMounted) {
      return;
    }
    Path shm = Files.createDirectories(run.resolve("pod/shm"));
    mounts.mount(
        "shm",
        shm.toString(),
        "tmpfs",
        Mounts.NO_SUID | Mounts.NO_DEV | Mounts.NO_EXEC,
        SHM_OPTIONS + users.tmpfsOptions());
    shmMounted = true;
  }

  synchronized void unmountShm() {
    if (shmMounted) {
      mounts.unmount(run.resolve("pod/shm").toString(), Mounts.DETACH);
      shmMounted = false;
    }
  }

  /** A descriptor, to be closed by the caller, of the process whose PID namespace is the pod's. */
  synchronized int openPid() throws LaunchException, IOException {
    Pause present = pause;
    if (present != null) {
      OptionalInt open = present.process().open();
      if (open.isPresent()) {
        return open.getAsInt();
      }
    }
    Cgroup cgroup = cgroups.createPause();
    RunningProcess started =
        launcher.launch(
            new LaunchSpec(LaunchSpec.Mode.PAUSE).cgroup(cgroup.folder().toString()),
            false,
            OptionalInt.empty());
    pause = new Pause(started, cgroup);
    return started
        .open()
        .orElseThrow(() -> new IOException("the pod's first process exited at once"));
  }

  /** Ends the namespace, and with it every process in it; returns when they are gone. */
  synchronized void close() throws IOException, InterruptedException, TimeoutException {
    if (pause != null) {
      pause.cgroup().end();
      pause.cgroup().remove();
      pause = null;
    }
  }
}
