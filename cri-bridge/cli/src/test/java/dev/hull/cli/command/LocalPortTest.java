package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cli.request.Labels;
import dev.hull.cri.v1.Container;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where {@code hull port-forward} listens, and what for. */
final class LocalPortTest {
  private static final List<Container> CONTAINERS =
      List.of(
          noting("[{\"name\": \"http\", \"containerPort\": 80}, {\"containerPort\": 81}]"),
          noting("no JSON"),
          noting("[{\"name\": \"http\", \"containerPort\": 8}, 1]"),
          Container.getDefaultInstance());

  private static Container noting(String ports) {
    return Container.newBuilder().putAnnotations(Labels.CONTAINER_PORTS, ports).build();
  }

  @ParameterizedTest
  @CsvSource({"8080:80,8080,80", "80,80,80", ":80,0,80", "8080:http,8080,80", "http,80,80"})
  void portsAreNumbersOrNames(String text, int local, int remote) throws UserException {
    assertThat(ForwardedPort.parse(text, CONTAINERS)).isEqualTo(new ForwardedPort(local, remote));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "8080:", "80:0", "65536", "1:65536", "x:80", "1:2:3", "-1", "A"})
  void whatIsNoPortIsSaid(String text) {
    assertThatThrownBy(() -> ForwardedPort.parse(text, CONTAINERS))
        .isInstanceOf(UserException.class)
        .hasMessage(text + " is no port such as 8080:80 or 8080:http");
  }

  @Test
  void aNameThatNoPortHasIsSaid() {
    assertThatThrownBy(() -> ForwardedPort.parse("web", CONTAINERS))
        .hasMessage("no container of the pod has a port named web; named are: http");
    assertThatThrownBy(() -> ForwardedPort.parse("web", List.of()))
        .hasMessage("no container of the pod has a port named web; none of its ports has a name");
  }

  @Test
  void localhostIsBothLoopbackAddressesAtOnePort() throws UserException {
    List<LocalPort> ports = LocalPort.listen(List.of("localhost"), new ForwardedPort(0, 80));
    try {
      int number = ports.getFirst().number();
      assertThat(ports)
          .extracting(LocalPort::text)
          .isSubsetOf("127.0.0.1:" + number, "[::1]:" + number);
      assertThat(ports).isNotEmpty().allMatch(port -> port.remote() == 80);
    } finally {
      ports.forEach(LocalPort::close);
    }
  }

  @Test
  void aPortThatIsTakenIsNamedWithAWayOut() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
      int port = other.getLocalPort();
      assertThatThrownBy(() -> LocalPort.listen(List.of("127.0.0.1"), new ForwardedPort(port, 80)))
          .isInstanceOf(UserException.class)
          .hasMessageStartingWith("cannot listen on 127.0.0.1:" + port + ": Address already in use")
          .hasMessageContaining("choose another port, such as :80");
    }
  }

  @Test
  void anAddressIsLiteral() {
    assertThatThrownBy(() -> LocalPort.listen(List.of("example.org"), new ForwardedPort(0, 80)))
        .hasMessage("--address must be IP addresses or localhost, not example.org");
  }
}
