package dev.hull.agent.container;

import static dev.hull.agent.container.HostAsGuest.process;
import static dev.hull.agent.container.HostAsGuest.shell;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.agent.users.IdMapping;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.ImageFiles;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a container is and has whose pod has a user namespace of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UserNamespaceTest {
  private static final int UIDS = 100_000;
  private static final int GIDS = 200_000;
  private static final List<String> ALL =
      List.of("SYS_ADMIN", "CHOWN", "DAC_OVERRIDE", "FOWNER", "MKNOD", "SETUID", "SETGID", "KILL");

  private HostAsGuest guest;
  private Containers containers;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    guest = new HostAsGuest(folder);
    containers = guest.containers();
    IdMapping mapping =
        new IdMapping(new IdMapping.Range(UIDS, 65_536), new IdMapping.Range(GIDS, 65_536));
    guest.services.beginUsers(mapping);
    guest.services.beginUsers(mapping);
  }

  @AfterAll
  void stop() throws Exception {
    guest.close();
  }

  private String said(ContainerSpec.Builder spec) throws Exception {
    return guest.said(spec);
  }

  private static String owner(Path file) throws Exception {
    return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS)
        + ":"
        + Files.getAttribute(file, "unix:gid", LinkOption.NOFOLLOW_LINKS);
  }

  @Test
  void itsIdsAreOthersOutside() throws Exception {
    assertThat(said(shell("cat /proc/self/uid_map /proc/self/gid_map; id")))
        .matches("\\s+0\\s+100000\\s+65536\\n\\s+0\\s+200000\\s+65536\\nuid=0\\(root\\).*\\n");
  }

  @Test
  void itsRootOwnsTheImageAndWhatIsMadeForIt() throws Exception {
    String owners =
        said(
            shell("")
                .setProcess(
                    process(
                            "sh",
                            "-c",
                            "ls -ldn / /etc/passwd /dev /dev/null /dev/shm /made /made/here /image/etc /mem"
                                + " /srv/work | grep -v ' 0 *0 '; echo end")
                        .setWorkingDir("/srv/work"))
                .addMounts(Mount.newBuilder().setTmpfsBytes(65_536).setDestination("/mem"))
                .addMounts(Mount.newBuilder().setTmpfsBytes(0).setDestination("/made/here"))
                .addMounts(
                    Mount.newBuilder()
                        .setDestination("/image")
                        .setImage(
                            ImageFiles.newBuilder()
                                .setDisk(DiskAddress.getDefaultInstance())
                                .addLayerPartitions(1))));
    assertThat(owners).isEqualTo("end\n");
  }

  @Test
  void whatItWritesIsItsOwnOutside() throws Exception {
    containers.create(
        "writer",
        shell("touch /new && chmod 600 /etc/passwd && dd if=/dev/zero of=/as-web count=1 2>&1")
            .build());
    containers.get("writer").start();
    containers.get("writer").exited().get(20, TimeUnit.SECONDS);
    Path layer = guest.run.resolve("scratch/writer/upper");
    assertThat(owner(layer.resolve("new"))).isEqualTo("100000:200000");
    assertThat(owner(layer.resolve("etc/passwd"))).as("copied up").isEqualTo("100000:200000");
    containers.remove("writer");
    assertThat(layer).doesNotExist();
  }

  @Test
  void aUserOfItsPasswdIsOneOfItsIdsAndHasItsStandardStreams() throws Exception {
    ProcessSpec.Builder process =
        process("sh", "-c", "id; echo x > /dev/stdout; echo y > /dev/shm/y && cat /dev/shm/y")
            .setUser(User.newBuilder().setName("web").addSupplementalGroups(1234));
    assertThat(said(shell("").setProcess(process)))
        .isEqualTo("uid=33(web) gid=33(web) groups=4(adm),33(web),1234\nx\ny\n");
  }

  @Test
  void aVolumeOfOthersIsNobodysAndOneOfItsOwnIsWritable() throws Exception {
    Path foreign = Files.createDirectories(guest.run.resolve("share/volumes/7"));
    Path own = Files.createDirectories(guest.run.resolve("share/volumes/8"));
    Files.setAttribute(own, "unix:uid", UIDS);
    Files.setAttribute(own, "unix:gid", GIDS);
    assertThat(
            said(
                shell("touch /foreign/x; touch /own/x && ls -n /own")
                    .addMounts(
                        Mount.newBuilder().setSharePath("volumes/7").setDestination("/foreign"))
                    .addMounts(
                        Mount.newBuilder().setSharePath("volumes/8").setDestination("/own"))))
        .contains("/foreign/x: Permission denied", " 0 ");
    assertThat(foreign).isEmptyDirectory();
    assertThat(owner(own.resolve("x"))).isEqualTo("100000:200000");
  }

  @Test
  void itsRightsEndAtItsNamespace() throws Exception {
    ContainerSpec.Builder spec =
        shell(
            "mount -t tmpfs none /tmp && touch /tmp/mine && ls /tmp; mknod /tmp/null c 1 3;"
                + " echo 1 > /proc/sys/vm/drop_caches; kill -0 1 && echo first");
    spec.getProcessBuilder()
        .getCapabilitiesBuilder()
        .clear()
        .addAllBounding(ALL)
        .addAllPermitted(ALL)
        .addAllEffective(ALL);
    assertThat(said(spec))
        .startsWith("mine\nfirst\n")
        .contains("mknod: /tmp/null: Operation not permitted", "drop_caches: Permission denied");
  }

  /** A port below 1024, and an address: root's rights over the pod's network, not the guest's. */
  @Test
  void theNetworkIsItsOwnAndTheAgentReachesItsServers() throws Exception {
    ContainerSpec.Builder spec = shell("ip link set lo up && nc -l -p 80 -e echo served");
    spec.getProcessBuilder()
        .getCapabilitiesBuilder()
        .addAllBounding(List.of("NET_ADMIN"))
        .addAllPermitted(List.of("NET_ADMIN"))
        .addAllEffective(List.of("NET_ADMIN"));
    containers.create("server", spec.build());
    try {
      containers.get("server").start();
      String served =
          Awaitility.await()
              .atMost(Duration.ofSeconds(20))
              .ignoreExceptionsInstanceOf(IOException.class)
              .until(() -> guest.network.within(UserNamespaceTest::ask), answer -> true);
      assertThat(served).isEqualTo("served\n");
      assertThat(guest.services.stats().count("").getPod().getInterfacesList())
          .as("none but lo")
          .isEmpty();
    } finally {
      containers.remove("server");
    }
  }

  private static String ask() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), 80)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aFurtherProcessAndOneWithATerminalAreInItToo() throws Exception {
    containers.create("long", shell("sleep 1000").build());
    try {
      containers.get("long").start();
      ProcessSpec map = process("sh", "-c", "cat /proc/self/uid_map; id -u").build();
      assertThat(guest.said(containers.get("long").exec("map", map)))
          .matches("\\s+0\\s+100000\\s+65536\\n0\\n");
      ProcessSpec terminal =
          process("sh", "-c", "tty && echo fine > /dev/tty").setTerminal(true).build();
      assertThat(guest.said(containers.get("long").exec("terminal", terminal)))
          .isEqualTo("/dev/pts/0\r\nfine\r\n");
      assertThat(said(shell("ps | grep sleep").setPidNamespaceOf("long"))).contains("sleep 1000");
    } finally {
      containers.remove("long");
    }
  }

  @Test
  void aContainerWithATerminalHasAConsole() throws Exception {
    ContainerSpec.Builder spec = shell("tty; echo shown > /dev/console");
    spec.getProcessBuilder().setTerminal(true);
    assertThat(said(spec)).contains("/dev/pts/0", "shown");
  }

  @Test
  void containersOfThePodShareItsProcessesIfAsked() throws Exception {
    containers.create("first", shell("sleep 1000").setPodPidNamespace(true).build());
    try {
      containers.get("first").start();
      assertThat(
              said(
                  shell(
                          "kill -9 $(ps | grep '[s]leep 1000' | head -n 1 | { read pid rest; echo $pid; }) && echo killed")
                      .setPodPidNamespace(true)))
          .isEqualTo("killed\n");
    } finally {
      containers.remove("first");
    }
  }
}
