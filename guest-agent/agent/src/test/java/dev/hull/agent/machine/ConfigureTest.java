package dev.hull.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.Dns;
import dev.hull.guest.v1.IdRange;
import dev.hull.guest.v1.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigureTest {
  private final FakeKernel kernel = new FakeKernel();
  private final Path folder;
  private final Path run;
  private final Configurator configurator;

  ConfigureTest(@TempDir Path folder) {
    this.folder = folder;
    this.run = folder.resolve("run");
    this.configurator =
        new Configurator(
            kernel.linux(),
            new Disks(folder.resolve("sys"), folder.resolve("dev")),
            mapping -> kernel.calls.add("users " + mapping.uids().first()),
            new PodNetwork(namespace -> kernel.calls.add("network")),
            run,
            folder.resolve("proc/sys"));
  }

  @BeforeEach
  void aGuestWithADisk() throws IOException {
    Files.createDirectories(folder.resolve("sys/bus/scsi/devices/0:0:0:1/block/sdb"));
    Files.createDirectories(folder.resolve("dev"));
    Files.createFile(folder.resolve("dev/sdb"));
    Files.createDirectories(folder.resolve("proc/sys/net/core"));
    Files.createFile(folder.resolve("proc/sys/net/core/somaxconn"));
  }

  private static ConfigureRequest.Builder request() {
    return ConfigureRequest.newBuilder()
        .setPodUid("uid-1")
        .setHostname("web-0")
        .setNow(Timestamp.newBuilder().setSeconds(1_800_000_000))
        .setEntropy(ByteString.copyFrom(new byte[32]))
        .setDns(
            Dns.newBuilder()
                .addServers("10.96.0.10")
                .addSearches("default.svc.cluster.local")
                .addSearches("svc.cluster.local")
                .addOptions("ndots:5"))
        .putSysctls("net.core.somaxconn", "1024")
        .setScratchDisk(DiskAddress.newBuilder().setUnit(1))
        .setShareTag("hull");
  }

  private void configure(ConfigureRequest.Builder request) throws IOException {
    configurator.configure(PodIdentity.from(request.build()));
  }

  @Test
  void aPodWithUsersOfItsOwnHasThemBeforeItsFilesAreTheirs() throws IOException {
    configure(
        request()
            .setUsers(
                UserNamespace.newBuilder()
                    .setUids(IdRange.newBuilder().setFirst(65_536).setLength(65_536))
                    .setGids(IdRange.newBuilder().setFirst(70_000).setLength(65_536))));

    assertThat(kernel.calls).containsOnlyOnce("users 65536");
    for (String file : List.of("hosts", "hostname", "resolv.conf")) {
      assertThat(Files.getAttribute(run.resolve("pod").resolve(file), "unix:uid"))
          .isEqualTo(65_536);
      assertThat(Files.getAttribute(run.resolve("pod").resolve(file), "unix:gid"))
          .isEqualTo(70_000);
    }
    assertThatThrownBy(
            () ->
                configure(
                    request()
                        .setUsers(
                            UserNamespace.newBuilder().setUids(IdRange.getDefaultInstance()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a user namespace's ids must be of 1 to 4294967294, are 0 from 0 on");
  }

  @Test
  void givesTheGuestItsClockEntropyNameAndFileSystems() throws IOException {
    configure(request());

    assertThat(kernel.calls)
        .containsExactly(
            "clock 2027-01-15T08:00:00Z",
            "ioctl 0x40085203 of 40 bytes",
            "ioctl 0x5207",
            "hostname web-0",
            "mount ext4 " + folder.resolve("dev/sdb") + " " + run.resolve("scratch"),
            "mount virtiofs hull " + run.resolve("share"));
    assertThat(run.resolve("pod/hostname")).hasContent("web-0");
    assertThat(run.resolve("pod/resolv.conf"))
        .hasContent(
            """
            nameserver 10.96.0.10
            search default.svc.cluster.local svc.cluster.local
            options ndots:5
            """);
    assertThat(run.resolve("pod/hosts"))
        .content()
        .contains("127.0.0.1\tlocalhost")
        .doesNotContain("web-0");
    assertThat(folder.resolve("proc/sys/net/core/somaxconn")).hasContent("1024");
  }

  @Test
  void aShareThatIsStillArrivingIsWaitedFor() throws IOException {
    kernel.sharesToCome = 3;
    configure(request());
    assertThat(kernel.calls).contains("mount virtiofs hull " + run.resolve("share"));
    assertThat(kernel.sharesToCome).isNegative();
  }

  @Test
  void aProvisionalIdentityLeavesRoomForAnotherAndMountsWhatAllHave() throws IOException {
    configure(request().setPodUid("none").setHostname("none").setProvisional(true));
    configurator.interfaceHas("lo", List.of("127.0.0.1", "::1"));
    configure(request());

    assertThat(kernel.calls)
        .filteredOn(call -> call.startsWith("hostname") || call.startsWith("mount"))
        .containsExactly(
            "hostname none",
            "mount ext4 " + folder.resolve("dev/sdb") + " " + run.resolve("scratch"),
            "mount virtiofs hull " + run.resolve("share"),
            "hostname web-0");
    assertThat(kernel.calls).filteredOn("ioctl 0x5207"::equals).hasSize(2);
    assertThat(run.resolve("pod/hosts")).content().doesNotContain("none", "web-0");
    assertThatThrownBy(() -> configure(request().setPodUid("uid-2")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void thePodsNameStandsForItsAddressesOnceItHasThem() throws IOException {
    configure(request());
    configurator.interfaceHas("eth0", List.of("10.88.0.5", "fd00::5"));

    assertThat(run.resolve("pod/hosts"))
        .hasContent(
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            10.88.0.5\tweb-0
            fd00::5\tweb-0
            """);
  }

  @Test
  void addressesMayComeBeforeTheIdentityAndChangeOnceMore() throws IOException {
    configurator.interfaceHas("eth0", List.of("10.88.0.5"));
    configurator.interfaceHas("eth1", List.of("10.99.0.7"));
    configure(request());
    assertThat(run.resolve("pod/hosts")).content().endsWith("10.88.0.5\tweb-0\n10.99.0.7\tweb-0\n");

    configurator.interfaceHas("eth0", List.of("10.88.0.6"));
    assertThat(run.resolve("pod/hosts")).content().endsWith("10.88.0.6\tweb-0\n10.99.0.7\tweb-0\n");
  }

  @Test
  void whatAContainerWroteToTheFileStaysWhenTheSameAddressesComeAgain() throws IOException {
    configure(request());
    configurator.interfaceHas("eth0", List.of("10.88.0.5"));
    Files.writeString(run.resolve("pod/hosts"), "1.2.3.4 mine\n");

    configurator.interfaceHas("eth0", List.of("10.88.0.5"));

    assertThat(run.resolve("pod/hosts")).hasContent("1.2.3.4 mine");
  }

  @Test
  void theSameIdentityAgainSetsTheClockAndNothingElse() throws IOException {
    configure(request());
    kernel.calls.clear();

    configure(request().setNow(Timestamp.newBuilder().setSeconds(1_800_000_060)));

    assertThat(kernel.calls)
        .containsExactly(
            "clock 2027-01-15T08:01:00Z", "ioctl 0x40085203 of 40 bytes", "ioctl 0x5207");
  }

  @Test
  void anotherIdentityIsRefusedAndNothingIsDone() throws IOException {
    configure(request());
    kernel.calls.clear();

    assertThatThrownBy(() -> configure(request().setPodUid("uid-2")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this guest is pod uid-1 and cannot become pod uid-2");
    assertThat(kernel.calls).isEmpty();
  }

  @Test
  void aCallThatFailedMayBeRepeated() throws IOException {
    kernel.refuseMounts = true;
    assertThatThrownBy(() -> configure(request())).hasMessageContaining("EIO");
    kernel.refuseMounts = false;

    configure(request());

    assertThat(kernel.calls).anyMatch(call -> call.startsWith("mount ext4"));
  }

  @Test
  void aHostnameThatIsAPathOrEmptyIsRefused() {
    for (String hostname : new String[] {"", "../etc", "a b", "-x", "x".repeat(65)}) {
      assertThatThrownBy(() -> configure(request().setHostname(hostname)))
          .as(hostname)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("hostname must be");
    }
  }

  @Test
  void tooLittleEntropyIsRefused() {
    assertThatThrownBy(() -> configure(request().setEntropy(ByteString.copyFrom(new byte[31]))))
        .hasMessage("entropy must be 32 to 512 bytes, is 31");
  }

  @Test
  void aDnsEntryWithALineBreakIsRefused() {
    assertThatThrownBy(
            () -> configure(request().setDns(Dns.newBuilder().addServers("1.1.1.1\nnameserver x"))))
        .hasMessageContaining("dns.servers has an entry that is not one word");
  }

  @Test
  void sysctlsOfTheMachineAreRefused() {
    for (String name :
        new String[] {
          "kernel.core_pattern", "kernel.panic", "vm.swappiness", "net", "net.../x", "kernel/sysrq"
        }) {
      assertThatThrownBy(() -> configure(request().putSysctls(name, "1")))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be set for a pod");
    }
  }

  @Test
  void sysctlsThatBelongToAPodAreAllowed() {
    for (String name :
        new String[] {
          "kernel.shm_rmid_forced",
          "kernel.sem",
          "kernel.msgmax",
          "fs.mqueue.msg_max",
          "net.ipv4.ip_unprivileged_port_start",
          "net/ipv4/ping_group_range"
        }) {
      Sysctls.check(name, "1");
    }
  }
}
