package dev.hull.agent.container;

import static dev.hull.agent.container.HostAsGuest.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.agent.process.RunningProcess;
import dev.hull.guest.v1.ProcessRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ladder by which all containers end with their machine. */
class StopTest {
  @Test
  void asksThenKillsAndLeavesNothing(@TempDir Path folder) throws Exception {
    try (HostAsGuest guest = new HostAsGuest(folder)) {
      Containers containers = guest.containers();
      RunningProcess polite =
          start(containers, "polite", "trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done");
      RunningProcess deaf =
          start(containers, "deaf", "trap '' TERM; echo up; while :; do sleep 0.1; done");
      guest.transcript(polite).until("up");
      guest.transcript(deaf).until("up");

      guest.services.stopContainers(Duration.ofSeconds(2));

      assertThat(polite.exitCode().get(1, TimeUnit.SECONDS)).isEqualTo(5);
      assertThat(deaf.exitCode().get(1, TimeUnit.SECONDS)).isEqualTo(137);
      assertThat(containers.list()).isEmpty();
      assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(folder + "/");
      assertThatThrownBy(() -> containers.create("late", shell("true").build()))
          .hasMessageContaining("the machine is being stopped");
      guest.services.stopContainers(Duration.ZERO);
    }
  }

  @Test
  void thePodsPidNamespaceIsGoneWithThem(@TempDir Path folder) throws Exception {
    try (HostAsGuest guest = new HostAsGuest(folder)) {
      Containers containers = guest.containers();
      containers.create("shares", shell("sleep 1000").setPodPidNamespace(true).build());
      containers.get("shares").start();
      Path pod = guest.cgroups.resolve("pod");
      assertThat(pod).isDirectoryContaining(Files::isDirectory);

      guest.services.stopContainers(Duration.ZERO);

      assertThat(pod).isDirectoryNotContaining(Files::isDirectory);
    }
  }

  private static RunningProcess start(Containers containers, String id, String command)
      throws Exception {
    containers.create(id, shell(command).build());
    containers.get(id).start();
    return containers.find(ProcessRef.newBuilder().setContainerId(id).build());
  }
}
