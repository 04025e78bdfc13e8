package dev.hull.vm.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.acceleration.TinyGuest.Deed;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FakeHypervisorTest extends HypervisorContract {
  @TempDir Path folder;

  private final FakeHost host =
      new FakeHost((spec, channel) -> channel.write(ByteBuffer.wrap(new byte[] {42})));

  @Override
  protected Hypervisor open() {
    return new FakeHypervisor(host);
  }

  @Override
  protected DomainFiles files() throws IOException {
    return new DomainFiles(folder, Files.createFile(folder.resolve("vmlinux")));
  }

  @Override
  protected void kill(DomainName name) {
    host.kill(name, DomainStopped.Reason.FAILED, "QEMU (pid 1000000) died");
  }

  @Override
  protected void checkNothingLeaked() {
    host.checkNothingLeaked();
  }

  @Test
  void aClosedOneRefusesEverything() {
    FakeHypervisor other = new FakeHypervisor(host);
    other.close();
    assertThatThrownBy(other::list).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatIsLeftIsReportedWithTheStackThatMadeIt() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    assertThatThrownBy(host::checkNothingLeaked)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(spec.name().value())
        .satisfies(
            error ->
                assertThat(error.getSuppressed()[0].getStackTrace())
                    .anyMatch(
                        frame ->
                            frame
                                .getMethodName()
                                .equals("whatIsLeftIsReportedWithTheStackThatMadeIt")));
  }

  @Test
  void aFailureThatIsAskedForComesOnceAndChangesNothing() {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    host.failNext(FakeHost.Step.START, new MachineException(Kind.INTERNAL, "injected"));
    assertThatThrownBy(() -> hypervisor.start(spec)).hasMessage("injected");
    assertThat(hypervisor.list()).isEmpty();
    hypervisor.start(spec);
    host.failNext(FakeHost.Step.DESTROY, new MachineException(Kind.DEADLINE, "stuck"));
    assertThatThrownBy(() -> hypervisor.destroy(spec.name())).hasMessage("stuck");
    assertThat(hypervisor.list()).containsExactly(spec.name());
  }

  @Test
  void aGuestAnswersOnTheAgentsSocketAgainAndAgain() throws IOException {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    for (int i = 0; i < 2; i++) {
      try (SocketChannel channel =
          SocketChannel.open(UnixDomainSocketAddress.of(spec.ports().agent()))) {
        ByteBuffer answer = ByteBuffer.allocate(1);
        channel.read(answer);
        assertThat(answer.get(0)).isEqualTo((byte) 42);
      }
    }
  }
}
