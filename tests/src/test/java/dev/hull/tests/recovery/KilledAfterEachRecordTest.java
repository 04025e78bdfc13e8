package dev.hull.tests.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.DaemonMain;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import dev.hull.vm.journal.JournalRecord;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The life of a pod with one container, led by one daemon for each kind of the journal's records:
 * each takes up what the ones before have left, is given the calls that were not answered, and is
 * killed right after the first record of its kind. A successor then shows what is left. So every
 * call is given again until it succeeds, and few machines are booted for it.
 */
@Tag("machine")
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KilledAfterEachRecordTest {
  private static final String SCRIPT = "echo done";

  private static final long MEMORY = 128L << 20;

  @TempDir private static Path folder;
  private static Daemon daemon;
  private static PodSandboxConfig config;
  private static HostState before;
  private static @Nullable HostState idle;
  private static int containers;

  /** What a daemon killed after a record has left, as its successor shows it. */
  enum Left {
    NOTHING,
    POD,
    CREATED,
    EXITED,
    STOPPED_POD
  }

  /** Ordered so that each daemon has such a record yet to write in what it goes on from. */
  private static Stream<Arguments> records() {
    return Stream.of(
        row(JournalRecord.Begun.class, Left.NOTHING),
        row(JournalRecord.NetworkPlanned.class, Left.NOTHING),
        row(JournalRecord.ScratchPlanned.class, Left.NOTHING),
        row(JournalRecord.SharePlanned.class, Left.NOTHING),
        row(JournalRecord.NetworkAcquired.class, Left.NOTHING),
        row(JournalRecord.DomainPlanned.class, Left.NOTHING),
        row(JournalRecord.Started.class, Left.POD),
        row(JournalRecord.DiskPlanned.class, Left.POD),
        row(JournalRecord.ContainerPlanned.class, Left.POD),
        row(JournalRecord.ContainerExited.class, Left.EXITED),
        row(JournalRecord.ContainerRemoving.class, Left.POD),
        row(JournalRecord.ContainerCreated.class, Left.CREATED),
        row(JournalRecord.ContainerUpdated.class, Left.CREATED),
        row(JournalRecord.ContainerStarted.class, Left.EXITED),
        row(JournalRecord.ContainerRemoved.class, Left.POD),
        row(JournalRecord.DiskReleased.class, Left.POD),
        row(JournalRecord.Stopped.class, Left.STOPPED_POD),
        row(JournalRecord.Removing.class, Left.NOTHING),
        row(JournalRecord.Stopping.class, Left.STOPPED_POD));
  }

  private static Arguments row(Class<? extends JournalRecord> record, Left left) {
    return argumentSet(record.getSimpleName(), record, left);
  }

  @BeforeAll
  static void prepare() {
    config = TestPod.config(folder.resolve("logs"));
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    // What the first pod makes and later ones share is no leak.
    try (TestPod pod = TestPod.run(daemon, TestPod.config(folder.resolve("logs")))) {
      pod.create("work", TestPod.DEBIAN, SCRIPT, spec -> spec);
    }
    before = now();
    daemon.close();
  }

  /** A test that failed may have left the pod running. */
  @AfterAll
  static void removePod() {
    if (!daemon.alive()) {
      daemon.start();
    }
    sandbox().ifPresent(left -> TestPod.of(daemon, config, left.getId()).close());
    daemon.close();
  }

  @Test
  @Order(1)
  void everyKindOfRecordIsInTheTable() {
    assertThat(
            Stream.concat(
                records().map(row -> row.get()[0]),
                // With a daemon and pods of their own, below.
                Stream.of(JournalRecord.Assigned.class, JournalRecord.Resized.class)))
        .containsExactlyInAnyOrder((Object[]) JournalRecord.class.getPermittedSubclasses());
  }

  @ParameterizedTest(name = "{argumentSetName}")
  @MethodSource("records")
  @Order(2)
  void aDaemonKilledAfterARecordIsSucceededByOneThatGoesOn(
      Class<? extends JournalRecord> record, Left left) {
    String kind = record.getSimpleName();
    daemon.start(HaltingDaemon.class, List.of(kind));
    assertThatThrownBy(KilledAfterEachRecordTest::liveOn)
        .as("a call that the daemon does not live to answer")
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE");
    assertThat(daemon.awaitEnd())
        .as("exit code of the daemon that is killed after %s", kind)
        .isEqualTo(HaltingDaemon.AS_BY_SIGKILL);

    daemon.start();
    try {
      assertLeft(left, "a daemon killed after " + kind);
    } finally {
      daemon.kill();
    }
  }

  @Test
  @Order(3)
  void aDaemonKilledWhileAMachineBootsLeavesNothing() {
    daemon.start();
    if (sandbox().isPresent()) {
      liveOn();
    }
    CompletableFuture<Throwable> call =
        CompletableFuture.supplyAsync(() -> catchThrowable(() -> TestPod.run(daemon, config)));
    Awaitility.await("QEMU runs; the daemon's log is " + daemon.log())
        .atMost(Duration.ofSeconds(30))
        .until(() -> now().since(before).stream().anyMatch(line -> line.contains("qemu-system")));
    daemon.kill();
    assertThat(call.join()).isInstanceOf(StatusRuntimeException.class);

    daemon.start();
    assertLeft(Left.NOTHING, "a daemon killed while a machine boots");
  }

  @Test
  @Order(4)
  void aDaemonKilledWhileAMachineStandsByLeavesNothing() {
    int seen = daemon.sparesSeen();
    daemon.kill();
    daemon.startStanding();
    daemon.awaitSpares(seen + 1);
    daemon.kill();

    daemon.start();
    assertLeft(Left.NOTHING, "a daemon killed while a machine stands by");
  }

  @Test
  @Order(5)
  void aDaemonKilledWhenAPodHasTakenAMachineThatStoodByLeavesNothing() {
    int seen = daemon.sparesSeen();
    daemon.kill();
    daemon.start(HaltingDaemon.class, List.of("Assigned", DaemonMain.STANDING));
    daemon.awaitSpares(seen + 1);
    assertThatThrownBy(() -> TestPod.run(daemon, config)).hasMessageContaining("UNAVAILABLE");
    assertThat(daemon.awaitEnd()).isEqualTo(HaltingDaemon.AS_BY_SIGKILL);

    daemon.start();
    assertLeft(Left.NOTHING, "a daemon killed after Assigned");
  }

  @Test
  @Order(6)
  void aDaemonKilledWhenAMachineHasGrownLeavesNothing() {
    daemon.kill();
    daemon.start(HaltingDaemon.class, List.of("Resized"));
    PodSandboxConfig large =
        config.toBuilder()
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setResources(
                        LinuxContainerResources.newBuilder().setMemoryLimitInBytes(600L << 20)))
            .build();
    assertThatThrownBy(() -> TestPod.run(daemon, large)).hasMessageContaining("UNAVAILABLE");
    assertThat(daemon.awaitEnd()).isEqualTo(HaltingDaemon.AS_BY_SIGKILL);

    daemon.start();
    assertLeft(Left.NOTHING, "a daemon killed after Resized");
  }

  /** The calls of a pod's life from where it is. */
  private static void liveOn() {
    TestPod pod =
        sandbox()
            .map(found -> TestPod.of(daemon, config, found.getId()))
            .orElseGet(() -> TestPod.run(daemon, config));
    if (pod.status().getState() == PodSandboxState.SANDBOX_READY) {
      String container =
          container()
              .map(Container::getId)
              .orElseGet(
                  () -> pod.create("work-" + ++containers, TestPod.DEBIAN, SCRIPT, spec -> spec));
      if (pod.status(container).getState() == ContainerState.CONTAINER_CREATED) {
        pod.update(
            container, LinuxContainerResources.newBuilder().setMemoryLimitInBytes(MEMORY).build());
        pod.start(container);
      }
      assertThat(pod.awaitExit(container).getExitCode()).isZero();
      pod.removeContainer(container);
    }
    pod.close();
  }

  private static void assertLeft(Left left, String by) {
    Optional<PodSandboxState> pod = sandbox().map(PodSandbox::getState);
    String as = "left by " + by;
    switch (left) {
      case NOTHING -> {
        assertThat(pod).as(as).isEmpty();
        assertThat(now().since(before)).as(as).isEmpty();
      }
      case POD -> {
        assertThat(pod).as(as).contains(PodSandboxState.SANDBOX_READY);
        assertThat(container()).as(as).isEmpty();
        if (idle == null) {
          idle = now();
        }
        assertThat(now().since(idle)).as(as).isEmpty();
        assertThat(idle.since(now())).as("lost by " + by).isEmpty();
      }
      case CREATED ->
          assertThat(container().map(Container::getState))
              .as(as)
              .contains(ContainerState.CONTAINER_CREATED);
      case EXITED -> {
        String id = container().orElseThrow().getId();
        TestPod running = TestPod.of(daemon, config, sandbox().orElseThrow().getId());
        assertThat(running.awaitExit(id).getExitCode()).as(as).isZero();
        Awaitility.await("the container's output is in its log, once; " + as)
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(() -> assertThat(running.output(id)).isEqualTo("done\n"));
      }
      case STOPPED_POD -> {
        assertThat(pod).as(as).contains(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(now().since(before))
            .as("%s, but for the pod's own folder", as)
            .allMatch(line -> line.startsWith(daemon.root() + ": machines/"))
            .noneMatch(line -> line.endsWith(".img"));
      }
    }
  }

  private static HostState now() {
    return HostState.now(List.of(daemon.root()));
  }

  private static Optional<PodSandbox> sandbox() {
    List<PodSandbox> all =
        daemon
            .cri()
            .runtime()
            .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
            .getItemsList();
    assertThat(all).hasSizeLessThanOrEqualTo(1);
    return all.stream().findFirst();
  }

  private static Optional<Container> container() {
    List<Container> all =
        daemon
            .cri()
            .runtime()
            .listContainers(ListContainersRequest.getDefaultInstance())
            .getContainersList();
    assertThat(all).hasSizeLessThanOrEqualTo(1);
    return all.stream().findFirst();
  }
}
