package dev.hull.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FakeMachinesTest {
  private final FakeMachines machines = new FakeMachines(Clock.systemUTC());
  private final MachineSpec spec =
      new MachineSpec(
          MachineId.random(new Random(1)),
          "pod",
          "default",
          "uid",
          "pod",
          new MachineSize(1, 256),
          MachineSpec.Dns.NONE,
          List.of(),
          MachineSpec.Bandwidth.UNBOUNDED,
          Map.of(),
          Optional.empty(),
          1 << 20);

  private static ContainerSpec container(String digit, String... args) {
    return new ContainerSpec(
        digit.repeat(64),
        List.of(),
        false,
        new ContainerSpec.Program(
            List.of(args),
            List.of(),
            "/",
            ContainerSpec.User.OF_THE_IMAGE,
            false,
            true,
            ContainerSpec.Rights.NONE,
            List.of(),
            0),
        List.of(),
        ContainerSpec.Resources.UNLIMITED,
        false,
        new ContainerSpec.PidNamespace.Own(),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void aContainerPrintsAndExits() {
    machines.programs(args -> FakeProgram.prints("hello"));
    Machine machine = machines.start(spec, new byte[] {1});
    GuestContainer container = machine.createContainer(container("a", "echo"), new byte[] {2});
    container.start();
    assertThat(container.await(Duration.ofSeconds(5)).exitCode()).isZero();
    try (GuestContainer.Output output = container.output(0)) {
      GuestContainer.Output.Chunk chunk = output.next();
      assertThat(chunk).isNotNull();
      assertThat(StandardCharsets.UTF_8.decode(Objects.requireNonNull(chunk).data()).toString())
          .isEqualTo("hello");
      assertThat(output.next()).isNull();
    }
    machine.remove();
    machines.checkNothingLeaked();
  }

  @Test
  void aKilledMachineTakesItsContainersAlongAndTells() throws Exception {
    BlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
    machines.onEvent(events::add);
    Machine machine = machines.start(spec, new byte[0]);
    GuestContainer container = machine.createContainer(container("a", "sleep"), new byte[0]);
    container.start();
    machines.kill(spec.id(), "QEMU died");
    assertThat(events.poll(5, TimeUnit.SECONDS)).isInstanceOf(MachineEvent.MachineStopped.class);
    assertThat(container.await(Duration.ZERO).exitCode()).isEqualTo(137);
    assertThat(container.await(Duration.ZERO).message()).isEqualTo("QEMU died");
    assertThatThrownBy(() -> machine.createContainer(container("b", "sleep"), new byte[0]))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("has stopped: QEMU died");
    machine.remove();
    machines.checkNothingLeaked();
  }

  @Test
  void aServerInThePodIsReachedAndAClosedPortIsNot() {
    machines.server(80, FakeServer.ECHOES);
    Machine machine = machines.start(spec, new byte[0]);
    assertThatThrownBy(() -> machine.connect(81))
        .isInstanceOf(MachineException.class)
        .hasMessage("cannot forward port 81: nothing listens on localhost there");
    PodConnection connection = machine.connect(80);
    connection.write(new byte[] {1, 2});
    assertThat(connection.read()).containsExactly(1, 2);
    connection.closeOutput();
    assertThat(connection.read()).isNull();
    machine.remove();
    assertThatThrownBy(machines::checkNothingLeaked)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("connection was opened here");
    connection.close();
    machines.checkNothingLeaked();
  }

  @Test
  void aContainerReadsItsInputUntilItIsClosed() {
    machines.programs(
        args ->
            io -> {
              for (byte[] data = io.read(); data != null; data = io.read()) {
                io.print(data);
              }
              return 4;
            });
    Machine machine = machines.start(spec, new byte[0]);
    GuestContainer container = machine.createContainer(container("a", "cat"), new byte[0]);
    assertThatThrownBy(container::input).isInstanceOf(MachineException.class);
    container.start();
    container.input().write(new byte[] {7});
    container.input().closeInput();
    assertThat(container.await(Duration.ofSeconds(5)).exitCode()).isEqualTo(4);
    assertThatThrownBy(() -> container.input().write(new byte[] {8}))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("it does not run");
    machine.remove();
    machines.checkNothingLeaked();
  }

  @Test
  void whatIsNotClosedIsReported() {
    Machine machine = machines.start(spec, new byte[0]);
    GuestContainer container = machine.createContainer(container("a", "sleep"), new byte[0]);
    container.start();
    GuestContainer.Exec exec =
        container.exec(new GuestContainer.Command(List.of("sh"), false, false));
    machine.remove();
    assertThatThrownBy(machines::checkNothingLeaked)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("exec was opened here");
    exec.close();
    machines.checkNothingLeaked();
  }
}
