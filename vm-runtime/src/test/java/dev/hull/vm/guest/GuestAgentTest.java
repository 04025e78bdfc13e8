package dev.hull.vm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.guest.channel.OutputFrame;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.GuestContainer.Output.Chunk;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineUsage;
import dev.hull.vm.PodConnection;
import dev.hull.vm.hypervisor.DomainSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client against the fake agent over a real Unix socket. */
final class GuestAgentTest {
  private static final String ID = "a".repeat(64);
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private DomainSpec.Ports ports = DomainSpec.Ports.in(Path.of("/nowhere"));
  private FakeAgent agent = noAgent();
  private GuestAgent guest = new GuestAgent(DomainSpec.Ports.in(Path.of("/nowhere")), threads);

  @SuppressWarnings("NullAway") // set before each test
  private static FakeAgent noAgent() {
    return null;
  }

  @BeforeEach
  void connect() throws IOException {
    ports = DomainSpec.Ports.in(folder);
    agent = new FakeAgent(ports);
    guest = new GuestAgent(ports, threads);
    guest.awaitBoot(SOON);
  }

  @AfterEach
  void close() {
    guest.close();
    agent.close();
    threads.shutdown();
  }

  /** The fake agent has no Exec. */
  @Test
  void whatAnOlderAgentDoesNotKnowIsSaidWithTheRemedy() {
    assertThatThrownBy(
            () -> guest.exec(ID, new GuestContainer.Command(List.of("true"), false, false)))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_STATE))
        .hasMessageContaining("is older than this daemon and does not know how; run the pod anew");
  }

  static ContainerSpec spec(String id, List<Path> layers, List<ContainerSpec.Mount> mounts) {
    return new ContainerSpec(
        id,
        layers,
        false,
        new ContainerSpec.Program(
            List.of("sh"),
            List.of(),
            "/",
            ContainerSpec.User.OF_THE_IMAGE,
            false,
            false,
            ContainerSpec.Rights.NONE,
            List.of(),
            0),
        mounts,
        ContainerSpec.Resources.UNLIMITED,
        false,
        new ContainerSpec.PidNamespace.Own(),
        List.of(),
        List.of(),
        List.of());
  }

  private void run() {
    guest.create(spec(ID, List.of(Path.of("/layer")), List.of()), 2, List.of());
    guest.start(ID);
  }

  private static void assertHostile(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.HOSTILE_GUEST));
  }

  @Test
  void aContainerRunsAndExits() {
    run();
    assertThat(guest.status(ID).state()).isInstanceOf(State.Running.class);
    assertThat(guest.status(ID).user()).contains(new GuestContainer.User(33, 34, List.of(34, 4)));
    agent.exit(ID, 3);
    assertThat(guest.await(ID, SOON).exitCode()).isEqualTo(3);
    assertThat(guest.list()).containsOnlyKeys(ID);
    guest.remove(ID);
    assertThat(guest.list()).isEmpty();
  }

  @Test
  void waitingHasADeadline() {
    run();
    assertThatThrownBy(() -> guest.await(ID, Duration.ofMillis(50)))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DEADLINE));
  }

  @Test
  void outputComesFromAnyOffsetAndEnds() {
    run();
    try (Output output = guest.output(ID, 1)) {
      Chunk first = Objects.requireNonNull(output.next());
      assertThat(first.offset()).isEqualTo(1);
      assertThat(first.stderr()).isFalse();
      assertThat(StandardCharsets.UTF_8.decode(first.data()).toString()).isEqualTo("ne");
      output.acknowledge(3);
      Chunk second = Objects.requireNonNull(output.next());
      assertThat(second.stderr()).isTrue();
      assertThat(second.at()).isEqualTo(Instant.ofEpochSecond(1, 1));
      assertThat(Objects.requireNonNull(output.next()).offset()).isEqualTo(6);
      assertThat(output.next()).isNull();
    }
  }

  @Test
  void whatIsKeptSafeIsAcknowledgedWhenAllHasBeenTaken() {
    run();
    try (Output output = guest.output(ID, 0)) {
      for (Chunk chunk = output.next(); chunk != null; chunk = output.next()) {
        output.acknowledge(chunk.offset() + chunk.data().remaining());
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(agent.output().acknowledged().getLast())
                      .isEqualTo(OutputFrame.acknowledgement(1, 9)));
    }
  }

  @Test
  void aLostOutputLineIsMadeAnewAndTheAgentsConnectionStays() throws IOException {
    run();
    try (Output output = guest.output(ID, 0)) {
      assertThat(output.next()).isNotNull();
      GuestOutputLine lost = guest.outputLine();
      agent.output().hangUp();
      await().until(() -> !guest.outputLine().equals(lost));
    }
    try (Output output = guest.output(ID, 6)) {
      assertThat(Objects.requireNonNull(output.next()).offset()).isEqualTo(6);
      assertThat(output.next()).isNull();
    }
    assertThat(guest.list()).containsOnlyKeys(ID);
  }

  @Test
  void whoeverWaitsForOutputLearnsThatTheLineIsLost() throws IOException {
    run();
    agent.commit(FakeAgent.Crime.OUTPUT_ENDS_EARLY);
    try (Output output = guest.output(ID, 9)) {
      assertHostile(output::next);
    }
    try (Output one = guest.output(ID, 0);
        Output another = guest.output(ID, 0)) {
      assertThat(one.next()).isNotNull();
      assertThat(another.next()).isNotNull();
      guest.close();
      assertUnavailable(one);
      assertUnavailable(another);
    }
  }

  @Test
  void whoClosesAnOutputWakesItsReaderThoughTheAgentHasSaidItsEnd() throws Exception {
    run();
    agent.commit(FakeAgent.Crime.OUTPUT_NEVER_COMES);
    Output output = guest.output(ID, 0);
    var waiting = threads.submit(output::next);
    assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    output.close();
    assertThatThrownBy(() -> waiting.get(SOON.toSeconds(), TimeUnit.SECONDS))
        .hasMessageContaining("the reader of the output is done");
  }

  /** After what has come. */
  private static void assertUnavailable(Output output) {
    assertThatThrownBy(
            () -> {
              while (output.next() != null) {}
            })
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  @Test
  void aSecondProcessFindsTheSameContainers() {
    run();
    guest.close();
    guest = new GuestAgent(ports, threads);
    guest.reconnect(SOON);
    assertThat(guest.list()).containsOnlyKeys(ID);
  }

  @Test
  void anAnswerThatIsTooLargeIsHostile() {
    agent.commit(FakeAgent.Crime.OVERSIZE_ANSWER);
    assertHostile(() -> guest.describe());
  }

  @Test
  void falseStatusesAreHostile() {
    for (FakeAgent.Crime crime :
        List.of(
            FakeAgent.Crime.STATUS_OF_ANOTHER_CONTAINER,
            FakeAgent.Crime.IMPOSSIBLE_STATE,
            FakeAgent.Crime.IMPOSSIBLE_EXIT_CODE,
            FakeAgent.Crime.TIME_OUT_OF_RANGE,
            FakeAgent.Crime.IMPOSSIBLE_USER,
            FakeAgent.Crime.EXIT_THAT_IS_NONE)) {
      if (guest.list().isEmpty()) {
        run();
        agent.exit(ID, 0);
      }
      agent.commit(crime);
      assertHostile(() -> guest.await(ID, SOON));
    }
  }

  @Test
  void falseOutputIsHostile() {
    run();
    for (FakeAgent.Crime crime :
        List.of(
            FakeAgent.Crime.OUTPUT_OF_NO_STREAM,
            FakeAgent.Crime.OVERSIZE_OUTPUT,
            FakeAgent.Crime.OUTPUT_FOR_NOBODY,
            FakeAgent.Crime.ACKNOWLEDGED_OUTPUT,
            FakeAgent.Crime.OUTPUT_OUT_OF_ORDER)) {
      agent.commit(crime);
      try (Output output = guest.output(ID, 0)) {
        assertHostile(output::next);
      }
    }
  }

  @Test
  void aConnectionCarriesBytesBothWaysAndEnds() {
    try (PodConnection connection = guest.connect(80)) {
      byte[] data = new byte[100_000];
      data[99_999] = 1;
      connection.write(data);
      assertThat(Objects.requireNonNull(connection.read())).hasSize(64 * 1024);
      byte[] rest = Objects.requireNonNull(connection.read());
      assertThat(rest).hasSize(100_000 - 64 * 1024).endsWith(1);
      connection.closeOutput();
      connection.closeOutput();
      assertThat(connection.read()).isNull();
      assertThat(connection.read()).isNull();
    }
  }

  @Test
  void aPortWithoutServerIsAWrongState() {
    assertThatThrownBy(() -> guest.connect(81))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_STATE))
        .hasMessage("cannot forward port 81: nobody listens");
    assertThat(guest.list()).isEmpty();
  }

  @Test
  void aFalseConnectionIsHostile() {
    agent.commit(FakeAgent.Crime.OVERSIZE_CONNECTION_DATA);
    try (PodConnection connection = guest.connect(80)) {
      connection.write(new byte[] {1});
      assertHostile(connection::read);
    }
    agent.commit(FakeAgent.Crime.CONNECTION_WITHOUT_END);
    try (PodConnection connection = guest.connect(80)) {
      connection.closeOutput();
      assertHostile(connection::read);
    }
  }

  @Test
  void anAgentThatIsNotThereIsUnavailable() {
    agent.close();
    guest.close();
    guest = new GuestAgent(ports, threads);
    assertThatThrownBy(() -> guest.reconnect(SOON))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  @Test
  void whatIsUsedIsToldByTheHostsClock() {
    run();
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    MachineUsage usage = guest.usage(() -> now, SOON);
    MachineUsage.Container container = Objects.requireNonNull(usage.containers().get(ID));
    assertThat(container.counters().cpu().usage()).isEqualTo(Duration.ofNanos(7000));
    assertThat(container.counters().memory().workingSetBytes()).isEqualTo(4000);
    assertThat(container.counters().ioPressure().orElseThrow().some().average10s()).isEqualTo(1.5);
    assertThat(container.counters().cpuPressure()).isEmpty();
    assertThat(container.writableLayer())
        .contains(new MachineUsage.Layer(now.minusSeconds(1), 8192, 2));
    assertThat(usage.interfaces().getFirst().received().bytes()).isEqualTo(5);
    assertThat(usage.at()).isEqualTo(now);
  }

  @ParameterizedTest
  @EnumSource(
      value = FakeAgent.Crime.class,
      names = {
        "NEGATIVE_COUNT",
        "INTERFACE_LIKE_A_PATH",
        "USE_OF_A_STRANGE_CONTAINER",
        "IMPOSSIBLE_PERCENTAGE"
      })
  void countsThatCannotBeAreHostile(FakeAgent.Crime crime) {
    run();
    agent.commit(crime);
    assertHostile(() -> guest.usage(Instant::now, SOON));
  }
}
