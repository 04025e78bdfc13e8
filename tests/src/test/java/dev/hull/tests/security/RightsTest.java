package dev.hull.tests.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.v1.Capability;
import dev.hull.cri.v1.Device;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.Int64Value;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.LinuxContainerUser;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.cri.v1.SecurityProfile.ProfileType;
import dev.hull.cri.v1.SupplementalGroupsPolicy;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rights in a real machine. One pod, which may have privileged containers, serves all of these. */
@Tag("machine")
@Timeout(300)
final class RightsTest {
  /** Every disk of the machine: a node is made and a byte read, which is said of each. */
  private static final String OPEN_EVERY_DISK =
      """
      for dev in /sys/class/block/*/dev; do
        rm -f /tmp/disk
        mknod /tmp/disk b $(tr : ' ' < $dev) || exit 9
        if head -c 1 /tmp/disk >/dev/null 2>/tmp/why; then echo read; else cat /tmp/why; fi
      done
      """;

  @TempDir private static Path folder;
  private static Daemon daemon;
  private static TestPod pod;

  @BeforeAll
  static void runPod() {
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    PodSandboxConfig.Builder config = TestPod.config(folder.resolve("logs")).toBuilder();
    config
        .getLinuxBuilder()
        .putSysctls("net.core.somaxconn", "777")
        .putSysctls("kernel/shm_rmid_forced", "1")
        .getSecurityContextBuilder()
        .setPrivileged(true);
    pod = TestPod.run(daemon, config.build());
  }

  @AfterAll
  static void removePod() {
    try {
      if (pod != null) {
        pod.close();
      }
    } finally {
      daemon.close();
    }
  }

  private static String create(
      String name, String script, Consumer<LinuxContainerSecurityContext.Builder> security) {
    return pod.create(
        name,
        TestPod.DEBIAN,
        script,
        config -> {
          security.accept(config.getLinuxBuilder().getSecurityContextBuilder());
          return config;
        });
  }

  private static String started(
      String name, Consumer<LinuxContainerSecurityContext.Builder> security) {
    return pod.start(create(name, "sleep 3600", security));
  }

  /** What a shell in the container says. */
  private static String said(String container, String script) {
    ExecSyncResponse response = pod.exec(container, "/bin/bash", "-c", script);
    return response.getStdout().toStringUtf8() + response.getStderr().toStringUtf8();
  }

  private static SecurityProfile profile(ProfileType type, String path) {
    return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(path).build();
  }

  @Test
  void aUserHasTheGroupsThatItWasGivenAndIsReportedAsItIs() {
    String container =
        started(
            "strict",
            s ->
                s.setRunAsUsername("www-data")
                    .addSupplementalGroups(1234)
                    .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)
                    .setNoNewPrivs(true)
                    .setCapabilities(
                        Capability.newBuilder().addAddAmbientCapabilities("NET_BIND_SERVICE")));
    assertThat(said(container, "id -u; id -G; ulimit -n")).isEqualTo("33\n33 1234\n1048576\n");
    assertThat(pod.status(container).getUser().getLinux())
        .isEqualTo(
            LinuxContainerUser.newBuilder()
                .setUid(33)
                .setGid(33)
                .addSupplementalGroups(33)
                .addSupplementalGroups(1234)
                .build());
    assertThat(said(container, "grep -E 'CapAmb|CapEff|NoNewPrivs' /proc/self/status"))
        .isEqualTo("CapEff:\t0000000000000400\nCapAmb:\t0000000000000400\nNoNewPrivs:\t1\n");
  }

  @Test
  void aSetuidProgramGivesRightsUnlessNoNewOnesAreAllowed() {
    String prepare = "cp /usr/bin/id /tmp/as-root; chmod u+s /tmp/as-root; sleep 3600";
    String user = "setpriv --reuid=1000 --regid=1000 --clear-groups /tmp/as-root -u";
    String free = pod.start(create("setuid", prepare, s -> {}));
    String held = pod.start(create("no-setuid", prepare, s -> s.setNoNewPrivs(true)));
    String wait = "until [ -u /tmp/as-root ]; do sleep 0.1; done; ";
    assertThat(said(free, wait + user)).isEqualTo("0\n");
    assertThat(said(held, wait + user)).isEqualTo("1000\n");
  }

  @Test
  void systemCallsAreFilteredAsTheProfileSays() throws Exception {
    Path local =
        Files.writeString(
            folder.resolve("profile.json"),
            """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO"}]}
            """);
    String ofRuntime =
        started(
            "default",
            s ->
                s.setSeccomp(profile(ProfileType.RuntimeDefault, ""))
                    .setRunAsUser(Int64Value.newBuilder().setValue(1000)));
    assertThat(said(ofRuntime, "grep Seccomp: /proc/self/status")).isEqualTo("Seccomp:\t2\n");
    assertThat(said(ofRuntime, "unshare --user true"))
        .isEqualTo("unshare: unshare failed: Operation not permitted\n");
    assertThat(
            said(ofRuntime, "ls / | head -n 1; (echo x | cat) & wait; date >/dev/null && echo y"))
        .isEqualTo("bin\nx\ny\n");

    String admin =
        started(
            "admin",
            s ->
                s.setSeccomp(profile(ProfileType.RuntimeDefault, ""))
                    .setCapabilities(Capability.newBuilder().addAddCapabilities("SYS_ADMIN")));
    assertThat(said(admin, "unshare --mount echo fine")).isEqualTo("fine\n");

    String mine =
        started("local", s -> s.setSeccomp(profile(ProfileType.Localhost, local.toString())));
    assertThat(said(mine, "chmod 700 /tmp"))
        .isEqualTo("chmod: changing permissions of '/tmp': Operation not permitted\n");

    String none = started("unfiltered", s -> {});
    assertThat(said(none, "grep Seccomp: /proc/self/status")).isEqualTo("Seccomp:\t0\n");
    assertThat(said(none, "cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shm_rmid_forced"))
        .isEqualTo("777\n1\n");

    assertThatThrownBy(
            () -> create("bad", "true", s -> s.setSeccomp(profile(ProfileType.Localhost, "/none"))))
        .hasMessageContaining("there is no seccomp profile /none on this host");
  }

  @Test
  void nodesOfTheMachinesDisksOpenOnlyForThePrivileged() {
    String held = pod.shell("mknod", OPEN_EVERY_DISK);
    assertThat(pod.awaitExit(held).getExitCode()).as(pod.output(held)).isZero();
    assertThat(pod.output(held).lines())
        .hasSizeGreaterThan(2)
        .allMatch(line -> line.endsWith("Operation not permitted"));

    String privileged =
        pod.start(create("privileged", OPEN_EVERY_DISK, s -> s.setPrivileged(true)));
    assertThat(pod.awaitExit(privileged).getExitCode()).as(pod.output(privileged)).isZero();
    assertThat(pod.output(privileged).lines())
        .hasSizeGreaterThan(2)
        .allMatch(line -> line.equals("read"));
  }

  @Test
  void devicesOfTheMachineOpenWhereTheyWereGiven() {
    String open =
        """
        perl -e 'for (@ARGV) { print "$_ ", open(my $f, "+<", $_) ? "open" : $!, "\\n" }' \
            /dev/fuse /dev/net/tun
        """;
    String given =
        pod.create(
            "given",
            TestPod.DEBIAN,
            open,
            config ->
                config
                    .addDevices(device("/dev/fuse", "rw"))
                    .addDevices(device("/dev/net/tun", "rw"))
                    .addDevices(device("/dev/null", "rwm")));
    pod.start(given);
    pod.awaitExit(given);
    assertThat(pod.output(given)).isEqualTo("/dev/fuse open\n/dev/net/tun open\n");

    String made =
        pod.shell(
            "made",
            "mkdir /dev/net; mknod /dev/fuse c 10 229; mknod /dev/net/tun c 10 200;" + open);
    pod.awaitExit(made);
    assertThat(pod.output(made))
        .isEqualTo("/dev/fuse Operation not permitted\n/dev/net/tun Operation not permitted\n");
  }

  @Test
  void modulesComeWhenTheKernelOrADeviceWantsThem() {
    String bridge =
        pod.start(
            pod.create(
                "bridge",
                TestPod.DEBIAN,
                // SIOCBRADDBR, as brctl has it.
                """
                perl -MSocket -e 'my $name = "foobar\\0";
                    socket(my $s, AF_INET, SOCK_DGRAM, 0) or die;
                    print ioctl($s, 0x89a0, $name) ? "made" : $!, "\\n"'
                ls -d /sys/class/net/foobar/bridge
                """,
                config -> {
                  config
                      .getLinuxBuilder()
                      .getSecurityContextBuilder()
                      .setCapabilities(Capability.newBuilder().addAddCapabilities("NET_ADMIN"));
                  return config;
                }));
    pod.awaitExit(bridge);
    assertThat(pod.output(bridge)).isEqualTo("made\n/sys/class/net/foobar/bridge\n");

    String privileged =
        pod.start(
            create("nodes", "stat -c '%t %T' /dev/net/tun; ls /dev", s -> s.setPrivileged(true)));
    pod.awaitExit(privileged);
    assertThat(pod.output(privileged)).startsWith("a c8\n").contains("fuse", "sda");
  }

  private static Device device(String path, String permissions) {
    return Device.newBuilder()
        .setHostPath(path)
        .setContainerPath(path)
        .setPermissions(permissions)
        .build();
  }

  @Test
  void aContainerMaySeeTheProcessesOfAnother() {
    String target = started("target", s -> {});
    String debug =
        pod.start(
            create(
                "debug",
                "tr '\\0' ' ' < /proc/1/cmdline; kill -0 1 && echo seen",
                s ->
                    s.getNamespaceOptionsBuilder()
                        .setPid(NamespaceMode.TARGET)
                        .setTargetId(target)));
    pod.awaitExit(debug);
    assertThat(pod.output(debug)).contains("sleep 3600").contains("seen");
  }

  @Test
  void pathsAreHiddenOrReadOnlyAsAsked() {
    String container = started("paths", s -> s.addMaskedPaths("/bin/ls").addReadonlyPaths("/tmp"));
    assertThat(said(container, "/bin/ls")).contains("/bin/ls: Permission denied");
    assertThat(said(container, "touch /tmp/x")).contains("Read-only file system");
    // What is asked for takes the place of the defaults.
    assertThat(said(container, "head -c 1 /proc/keys >/dev/null && echo open")).isEqualTo("open\n");
  }
}
