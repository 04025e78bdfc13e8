package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.ContainerEventResponse;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.GetEventsRequest;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.vm.MachineId;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventsTest {
  @TempDir Path folder;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /** What one subscriber is told. */
  private final class Told {
    private final BlockingQueue<ContainerEventResponse> events = new LinkedBlockingQueue<>();
    private volatile boolean ended;

    /** Returns when the subscription stands, told by an event of its own. */
    Told() {
      var stream = daemon.runtime().getContainerEvents(GetEventsRequest.getDefaultInstance());
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  stream.forEachRemaining(events::add);
                } catch (StatusRuntimeException e) {
                  ended = true;
                }
              });
      await()
          .until(
              () -> {
                remove(daemon.run("probe"));
                return events.poll(50, TimeUnit.MILLISECONDS) != null;
              });
      events.clear();
    }

    ContainerEventResponse next() throws InterruptedException {
      ContainerEventResponse event;
      do {
        event = Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "no event came");
      } while (event.getPodSandboxStatus().getMetadata().getName().equals("probe"));
      return event;
    }

    String line() throws InterruptedException {
      ContainerEventResponse event = next();
      return event.getContainerId()
          + " "
          + event.getContainerEventType().name().split("_", -1)[1].toLowerCase(Locale.ROOT);
    }
  }

  private void remove(String pod) {
    var _ =
        daemon
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  @Test
  void aWholeLifeIsToldInOrderToEverySubscriber() throws Exception {
    List<Told> all = List.of(new Told(), new Told());
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "exit", "3");
    await().until(() -> daemon.status(id).getState() == ContainerState.CONTAINER_EXITED);
    var _ =
        daemon
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
    remove(pod);
    for (Told told : all) {
      assertThat(told.line()).isEqualTo(pod + " created");
      assertThat(told.line()).isEqualTo(pod + " started");
      assertThat(told.line()).isEqualTo(id + " created");
      assertThat(told.line()).isEqualTo(id + " started");
      ContainerEventResponse end = told.next();
      assertThat(end.getContainerEventType().name()).isEqualTo("CONTAINER_STOPPED_EVENT");
      assertThat(end.getPodSandboxStatus().getId()).isEqualTo(pod);
      assertThat(end.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
      ContainerStatus status = end.getContainersStatuses(0);
      assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
      assertThat(status.getExitCode()).isEqualTo(3);
      assertThat(end.getCreatedAt()).isPositive();
      assertThat(told.line()).isEqualTo(id + " deleted");
      assertThat(told.line()).isEqualTo(pod + " stopped");
      assertThat(told.line()).isEqualTo(pod + " deleted");
    }
  }

  @Test
  void whatIsRemovedWhileItRunsHasStoppedBefore() throws Exception {
    Told told = new Told();
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "sleep");
    String never = daemon.create(pod, "two", "sleep");
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    remove(pod);
    assertThat(told.line()).isEqualTo(pod + " created");
    assertThat(told.line()).isEqualTo(pod + " started");
    assertThat(told.line()).isEqualTo(id + " created");
    assertThat(told.line()).isEqualTo(id + " started");
    assertThat(told.line()).isEqualTo(never + " created");
    assertThat(told.line()).isEqualTo(id + " stopped");
    assertThat(told.line()).isEqualTo(pod + " stopped");
    assertThat(told.line()).isEqualTo(id + " deleted");
    assertThat(told.line()).isEqualTo(never + " deleted");
    assertThat(told.line()).isEqualTo(pod + " deleted");
  }

  @Test
  void aDeadMachineStopsItsContainersAndItself() throws Exception {
    Told told = new Told();
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "sleep");
    for (int i = 0; i < 4; i++) {
      told.next();
    }
    daemon.machines().kill(new MachineId(pod), "QEMU was killed");
    ContainerEventResponse end = told.next();
    assertThat(end.getContainerId()).isEqualTo(id);
    assertThat(end.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(end.getContainersStatuses(0).getExitCode()).isEqualTo(137);
    assertThat(end.getContainersStatuses(0).getMessage()).contains("QEMU was killed");
    assertThat(told.line()).isEqualTo(pod + " stopped");
  }

  @Test
  void whatWasThereBeforeARestartIsToldOnlyWhenItChanges() throws Exception {
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "sleep");
    daemon.restart();
    Told told = new Told();
    remove(pod);
    assertThat(told.line()).isEqualTo(id + " stopped");
    assertThat(told.line()).isEqualTo(pod + " stopped");
    assertThat(told.line()).isEqualTo(id + " deleted");
    assertThat(told.line()).isEqualTo(pod + " deleted");
  }

  @Test
  void theEndOfTheDaemonEndsSubscriptionsAtOnce() throws Exception {
    Told told = new Told();
    long began = System.nanoTime();
    daemon.restart();
    await().until(() -> told.ended);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)).isLessThan(8);
  }
}
