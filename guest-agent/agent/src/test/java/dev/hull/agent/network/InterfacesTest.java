package dev.hull.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.ConfigureInterfaceRequest;
import dev.hull.guest.v1.Route;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InterfacesTest {
  private static final String MAC = "0a:58:0a:58:00:05";

  @TempDir private Path folder;
  private final Kernel kernel = new Kernel();
  private final PodNetwork network =
      new PodNetwork(
          namespace -> {
            throw new AssertionError("there is none but the agent's");
          });

  private static ConfigureInterfaceRequest.Builder request() {
    return ConfigureInterfaceRequest.newBuilder().setName("eth0").setMac(MAC).setMtu(1450);
  }

  private void configure(ConfigureInterfaceRequest.Builder request) throws Exception {
    new Interfaces(kernel, network, new Links(folder.resolve("class/net")), folder.resolve("ipv6"))
        .configure(InterfaceSettings.from(request.build()));
  }

  private void hotPlug(String name, int index) throws Exception {
    Path link = Files.createDirectories(folder.resolve("class/net").resolve(name));
    Files.writeString(link.resolve("address"), MAC + "\n");
    Files.writeString(link.resolve("ifindex"), index + "\n");
  }

  @Test
  void anAddressIsEncodedAsTheKernelReadsIt() throws Exception {
    hotPlug("eth0", 2);

    configure(request().addAddresses("10.88.0.5/16"));

    // Header (length, type 20, flags create|replace|ack|request, sequence, port), ifaddrmsg, then
    // IFA_LOCAL, IFA_ADDRESS and IFA_BROADCAST, each 8 bytes.
    assertThat(kernel.sent.getLast())
        .isEqualTo(
            "30000000"
                + "1400"
                + "0505"
                + "04000000"
                + "00000000"
                + "02100000"
                + "02000000"
                + "080002000a580005"
                + "080001000a580005"
                + "080004000a58ffff");
  }

  @Test
  void theDefaultRouteHasNoDestinationAndNamesItsGatewayAndInterface() throws Exception {
    hotPlug("eth0", 2);

    configure(
        request()
            .addRoutes(Route.newBuilder().setDestination("0.0.0.0/0").setGateway("10.88.0.1")));

    assertThat(kernel.sent.getLast())
        .isEqualTo(
            "2c000000"
                + "1800"
                + "0505"
                + "04000000"
                + "00000000"
                + "02000000"
                + "fe040001"
                + "00000000"
                + "080005000a580001"
                + "0800040002000000");
  }

  @Test
  void aRouteOnTheLinkComesBeforeTheOneThatNeedsIt() {
    InterfaceSettings settings =
        InterfaceSettings.from(
            request()
                .addRoutes(Route.newBuilder().setDestination("0.0.0.0/0").setGateway("169.254.1.1"))
                .addRoutes(Route.newBuilder().setDestination("169.254.1.1/32"))
                .build());

    assertThat(settings.routes())
        .extracting(route -> route.destination().toString())
        .containsExactly("169.254.1.1/32", "0.0.0.0/0");
  }

  @Test
  void anInterfaceOfAnotherNameIsTakenDownAndRenamedFirst() throws Exception {
    hotPlug("ens3", 5);

    configure(request());

    // lo up; 5 down; 5 renamed; MTU; 5 up.
    assertThat(kernel.sent).hasSize(5);
    assertThat(kernel.sent.get(2)).endsWith("09000300" + "6574683000" + "000000");
  }

  @Test
  void anInterfaceThatHasItsNameIsNotRenamed() throws Exception {
    hotPlug("eth0", 2);

    configure(request());

    assertThat(kernel.sent).hasSize(3).noneMatch(message -> message.contains("65746830"));
  }

  @Test
  void whatTheKernelRefusesIsNamed() throws Exception {
    hotPlug("eth0", 2);
    kernel.errorAt = 4;

    assertThatThrownBy(() -> configure(request().addAddresses("fd00::5/64")))
        .hasMessage("add address fd00:0:0:0:0:0:0:5/64 to eth0: EPERM, not permitted (1)");
    assertThat(kernel.open).isZero();
  }

  @Test
  void anInterfaceThatDoesNotComeIsNamedWithTheDeadline() throws Exception {
    Files.createDirectories(folder.resolve("class/net"));

    assertThatThrownBy(() -> configure(request().setWaitMillis(5)))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("no interface has the MAC " + MAC + " after 5 ms");
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> configure(request().setName("../x"))).hasMessageContaining("name");
    assertThatThrownBy(() -> configure(request().setMac("x"))).hasMessageContaining("MAC");
    assertThatThrownBy(() -> configure(request().setMtu(1))).hasMessageContaining("mtu");
    assertThatThrownBy(() -> configure(request().addAddresses("10.0.0.1")))
        .hasMessage("not an address with a prefix length: 10.0.0.1");
    assertThatThrownBy(() -> configure(request().addAddresses("10.0.0.1/33")))
        .hasMessage("the prefix is longer than 32 bits: 10.0.0.1/33");
    assertThatThrownBy(() -> configure(request().addAddresses("example.com/24")))
        .hasMessage("not an address: example.com");
    assertThatThrownBy(
            () ->
                configure(
                    request()
                        .addRoutes(
                            Route.newBuilder().setDestination("::/0").setGateway("1.1.1.1"))))
        .hasMessageContaining("a gateway of the other family");
  }

  /** Acknowledges every request, but for one. */
  private static final class Kernel implements Descriptors {
    private final List<String> sent = new ArrayList<>();
    private int errorAt = -1;
    private int open;
    private int sequence;

    @Override
    public int watch(int fd) {
      throw new AssertionError("watch");
    }

    @Override
    public void awaitChange(int watch, int timeoutMillis) {
      throw new AssertionError("awaitChange");
    }

    @Override
    public int counter() {
      throw new AssertionError("counter");
    }

    @Override
    public int socket(int domain, int type, int protocol) {
      open++;
      return 9;
    }

    @Override
    public void close(int fd) {
      open--;
    }

    @Override
    public int write(int fd, byte[] buffer, int offset, int length) {
      sent.add(HexFormat.of().formatHex(buffer, offset, offset + length));
      sequence = ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder()).getInt(8);
      return length;
    }

    @Override
    public int read(int fd, byte[] buffer, int offset, int length) {
      ByteBuffer.wrap(buffer)
          .order(ByteOrder.nativeOrder())
          .putInt(36)
          .putShort((short) 2)
          .putShort((short) 0)
          .putInt(sequence)
          .putInt(0)
          .putInt(sent.size() == errorAt ? -1 : 0);
      return 36;
    }

    @Override
    public short[] poll(int[] fds, short[] events, int timeoutMillis) {
      return events;
    }

    @Override
    public int open(String path, int flags, int mode) {
      throw new AssertionError("opens " + path);
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
      throw new AssertionError("ioctl");
    }

    @Override
    public int ioctl(int fd, long request, byte[] structure) {
      throw new AssertionError("ioctl");
    }
  }
}
