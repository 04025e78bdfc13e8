package dev.hull.agent.container;

import static dev.hull.agent.container.HostAsGuest.process;
import static dev.hull.agent.container.HostAsGuest.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.Device;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.ImageFiles;
import dev.hull.guest.v1.LayerStats;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.PodFile;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.ProcessUser;
import dev.hull.guest.v1.Resources;
import dev.hull.guest.v1.Rlimit;
import dev.hull.guest.v1.User;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a container sees, and what it cannot reach. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IsolationTest {
  private HostAsGuest guest;
  private Containers containers;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    guest = new HostAsGuest(folder);
    containers = guest.containers();
  }

  @AfterAll
  void stop() throws Exception {
    guest.close();
  }

  private String said(ContainerSpec.Builder spec) throws Exception {
    return guest.said(spec);
  }

  private static ContainerSpec.Builder with(ProcessSpec.Builder process) {
    return shell("").setProcess(process);
  }

  @Test
  void seesItsOwnProcessesOnlyAndIsTheFirst() throws Exception {
    assertThat(said(shell("ps; cat /proc/self/cgroup | grep ^0"))).contains("    1 ", "0::/\n");
    assertThat(said(shell("ps"))).doesNotContain("java");
  }

  @Test
  void seesNoMountOfTheAgent() throws Exception {
    assertThat(said(shell("cat /proc/self/mounts")))
        .doesNotContain(" /run/", " " + guest.run, "ext4");
  }

  @Test
  void hasTheCapabilitiesAskedForAndNoOther() throws Exception {
    String status = said(with(process("cat", "/proc/self/status")));
    assertThat(status)
        .contains("CapPrm:\t00000000a80425fb")
        .contains("CapEff:\t00000000a80425fb")
        .contains("CapBnd:\t00000000a80425fb")
        .contains("CapInh:\t0000000000000000")
        .contains("NoNewPrivs:\t0")
        .contains("SigBlk:\t0000000000000000")
        .contains("SigIgn:\t0000000000000000");
  }

  @Test
  void isTheUserOfItsOwnPasswdWithoutCapabilities() throws Exception {
    ProcessSpec.Builder process =
        process(
                "sh",
                "-c",
                "id; env | grep HOME; grep CapEff /proc/self/status; echo x >/dev/stdout")
            .setUser(User.newBuilder().setName("web").addSupplementalGroups(1234));
    assertThat(said(with(process)))
        .contains("uid=33(web) gid=33(web) groups=4(adm),33(web),1234")
        .contains("HOME=/home/web")
        .contains("CapEff:\t0000000000000000")
        .endsWith("x\n");
  }

  @Test
  void hasOnlyTheGroupsGivenIfAskedAndIsReportedAsItIs() throws Exception {
    ProcessSpec.Builder process =
        process("id")
            .setUser(
                User.newBuilder()
                    .setName("33:77")
                    .addSupplementalGroups(1234)
                    .setOnlyTheseGroups(true));
    containers.create("strict", with(process).build());
    try {
      assertThat(containers.get("strict").status().hasUser()).isFalse();
      containers.get("strict").start();
      assertThat(containers.get("strict").status().getUser())
          .isEqualTo(
              ProcessUser.newBuilder().setUid(33).setGid(77).addGroups(77).addGroups(1234).build());
    } finally {
      containers.remove("strict");
    }
    assertThat(said(with(process))).contains("uid=33(web) gid=77 groups=77,1234");
  }

  @Test
  void seesTheProcessesOfAContainerThatItNames() throws Exception {
    containers.create("target", shell("sleep 1000").build());
    try {
      assertThatThrownBy(() -> said(shell("ps").setPidNamespaceOf("target")))
          .hasMessageContaining("container target, whose processes it is to see, does not run");
      containers.get("target").start();
      assertThat(said(shell("ps").setPidNamespaceOf("target")))
          .contains("    1 ", "sleep 1000")
          .doesNotContain("java");
    } finally {
      containers.remove("target");
    }
  }

  @Test
  void opensADeviceThatItWasGivenAndOnlyAsItWasGiven() throws Exception {
    String script = ": < /dev/the/tun && echo read; : > /dev/the/tun";
    assertThat(
            said(
                shell(script)
                    .addDevices(
                        Device.newBuilder()
                            .setGuestPath("/dev/net/tun")
                            .setContainerPath("/dev/the/tun")
                            .setRead(true))))
        .isEqualTo("read\nsh: can't create /dev/the/tun: Operation not permitted\n");
    assertThat(
            said(
                shell("echo fine > /dev/null && echo fine")
                    .addDevices(
                        Device.newBuilder()
                            .setGuestPath("/dev/null")
                            .setContainerPath("/dev/null")
                            .setRead(true))))
        .isEqualTo("fine\n");
    assertThatThrownBy(
            () ->
                said(
                    shell("true")
                        .addDevices(
                            Device.newBuilder()
                                .setGuestPath("/dev/none")
                                .setContainerPath("/dev/none"))))
        .hasMessageContaining("the guest has no device /dev/none; leave it out");
  }

  @Test
  void isRefusedForAUserThatItDoesNotKnow() {
    ProcessSpec.Builder process = process("true").setUser(User.newBuilder().setName("nobody-here"));
    assertThatThrownBy(() -> said(with(process)))
        .hasMessageContaining("the container's /etc/passwd has no user named nobody-here");
  }

  @Test
  void cannotLeadTheAgentOutByALinkAsPasswd() throws Exception {
    Path passwd = guest.layer.resolve("etc/passwd");
    byte[] kept = Files.readAllBytes(passwd);
    Path outside = guest.run.resolve("outside");
    Files.writeString(outside, "evil:x:77:77::/:/bin/sh\n");
    Files.delete(passwd);
    try {
      Files.createSymbolicLink(passwd, outside);
      ProcessSpec.Builder process = process("true").setUser(User.newBuilder().setName("evil"));
      assertThatThrownBy(() -> said(with(process))).hasMessageContaining("no user named evil");
      Files.delete(passwd);
      Files.createSymbolicLink(passwd, Path.of("/dev/null"));
      assertThat(said(with(process("id")))).contains("uid=0");
    } finally {
      Files.delete(passwd);
      Files.write(passwd, kept);
    }
  }

  @Test
  void getsVolumesAndPodFilesWithTheirRights() throws Exception {
    Files.createDirectories(guest.run.resolve("share/volumes/0"));
    Files.writeString(guest.run.resolve("share/volumes/0/file"), "volume\n");
    ContainerSpec.Builder spec =
        shell(
                "cat /data/deep/file; echo no > /data/deep/new || echo readonly;"
                    + " echo yes > /rw/new; cat /etc/hosts; echo t > /mem/t && cat /mem/t")
            .addMounts(
                Mount.newBuilder()
                    .setSharePath("volumes/0")
                    .setDestination("/data/deep")
                    .setReadonly(true))
            .addMounts(Mount.newBuilder().setSharePath("volumes/0").setDestination("/rw"))
            .addMounts(Mount.newBuilder().setTmpfsBytes(65536).setDestination("/mem"))
            .addMounts(
                Mount.newBuilder().setPodFile(PodFile.POD_FILE_HOSTS).setDestination("/etc/hosts"));
    assertThat(said(spec)).contains("volume\n", "readonly\n", "127.0.0.1 localhost\n", "t\n");
    assertThat(guest.run.resolve("share/volumes/0/new")).hasContent("yes\n");
  }

  private static Mount image(String subPath) {
    return Mount.newBuilder()
        .setDestination("/image")
        .setImage(
            ImageFiles.newBuilder()
                .setDisk(DiskAddress.getDefaultInstance())
                .addLayerPartitions(1)
                .setSubPath(subPath))
        .build();
  }

  @Test
  void getsAnImagesFilesOrAFolderOfThemAndCannotChangeThem() throws Exception {
    assertThat(said(shell("cat /image/etc/group; ls /image").addMounts(image(""))))
        .contains("adm:x:4:web", "home");
    assertThat(said(shell("ls /image; touch /image/new").addMounts(image("etc"))))
        .contains("passwd", "group", "Read-only file system");
  }

  @Test
  void getsNoPartOfAnImageThatIsNoFolderOfIt() throws Exception {
    Files.createSymbolicLink(guest.layer.resolve("outside"), Path.of("/etc"));
    assertThatThrownBy(() -> said(shell("true").addMounts(image("missing"))))
        .hasMessageContaining("the image has no missing: no such file or directory");
    assertThatThrownBy(() -> said(shell("true").addMounts(image("etc/passwd"))))
        .hasMessageContaining("only directory subpath is supported");
    assertThatThrownBy(() -> said(shell("true").addMounts(image("outside"))))
        .hasMessageContaining("leads out of it");
    assertThatThrownBy(() -> said(shell("true").addMounts(image("../etc"))))
        .hasMessageContaining("mounts.image.sub_path must be a path below the image");
    assertThat(said(shell("echo well"))).as("nothing is left in the way").contains("well");
  }

  @Test
  void cannotLeadAMountOutOfItsRootByALink() throws Exception {
    Path outside = Files.createDirectories(guest.run.resolve("escape"));
    Files.createDirectories(guest.run.resolve("share/volumes/1"));
    Files.createSymbolicLink(guest.layer.resolve("absolute"), outside);
    Files.createSymbolicLink(
        guest.layer.resolve("relative"), Path.of("../../../../../../../.." + outside));
    for (String link : new String[] {"/absolute", "/relative", "/absolute/below"}) {
      ContainerSpec.Builder spec =
          shell("cat /proc/self/mounts")
              .addMounts(Mount.newBuilder().setSharePath("volumes/1").setDestination(link));
      assertThat(said(spec)).as(link).contains(" " + outside);
    }
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void cannotHaveAMountBroughtIntoProcByALink() throws Exception {
    Files.createDirectories(guest.run.resolve("share/volumes/2"));
    Files.createSymbolicLink(guest.layer.resolve("toproc"), Path.of("/proc/sys"));
    ContainerSpec.Builder spec =
        shell("true")
            .addMounts(Mount.newBuilder().setSharePath("volumes/2").setDestination("/toproc"));
    assertThatThrownBy(() -> said(spec))
        .hasMessageContaining("cannot mount over /toproc: it leads into /proc");
  }

  @Test
  void cannotMountALinkInTheShare() throws Exception {
    Files.createSymbolicLink(guest.run.resolve("share/link"), Path.of("/etc"));
    ContainerSpec.Builder spec =
        shell("true").addMounts(Mount.newBuilder().setSharePath("link").setDestination("/x"));
    assertThatThrownBy(() -> said(spec)).hasMessageContaining("ELOOP");
  }

  @Test
  void hasMaskedAndReadonlyPaths() throws Exception {
    assertThat(
            said(
                shell(
                        "cat /proc/version; ls /home; echo 1 > /proc/sys/vm/swappiness; touch /tmp/ok && ls /tmp")
                    .addMaskedPaths("/proc/version")
                    .addMaskedPaths("/home")
                    .addMaskedPaths("/not/there")
                    .addReadonlyPaths("/proc/sys")))
        .contains("Read-only file system")
        .startsWith("ok\n")
        .doesNotContain("Linux version");
  }

  @Test
  void hasAReadonlyRootIfAsked() throws Exception {
    ContainerSpec.Builder spec = shell("touch /x; touch /dev/shm/y && ls /dev/shm");
    spec.getRootBuilder().setReadonly(true);
    assertThat(said(spec)).contains("/x: Read-only file system").startsWith("y\n");
  }

  @Test
  void writesToItsOwnLayerOnly() throws Exception {
    assertThat(said(shell("echo changed > /etc/passwd; touch /new; ls /new"))).isEqualTo("/new\n");
    assertThat(guest.layer.resolve("new")).doesNotExist();
    assertThat(guest.layer.resolve("etc/passwd")).content().startsWith("root:");
  }

  @Test
  void cannotOpenADeviceThatItMadeANodeOf() throws Exception {
    assertThat(said(shell("mknod /disk b 254 0 && head -c 1 /disk; mknod /n c 1 3 && echo x > /n")))
        .isEqualTo("head: /disk: Operation not permitted\n");
  }

  @Test
  void hasADevAsProgramsExpectIt() throws Exception {
    assertThat(
            said(
                shell(
                    "head -c 2 /dev/zero | cat -v; readlink /dev/stdin; readlink /dev/ptmx; ls /dev/pts")))
        .contains("^@^@")
        .contains("/proc/self/fd/0", "pts/ptmx", "ptmx");
    assertThat(said(shell("ls /proc/self/fd")).lines().count()).isEqualTo(4);
  }

  @Test
  void beginsInItsWorkingFolderWhichIsMade() throws Exception {
    assertThat(said(with(process("pwd").setWorkingDir("/srv/app/new"))))
        .isEqualTo("/srv/app/new\n");
  }

  @Test
  void hasItsLimits() throws Exception {
    ProcessSpec.Builder process =
        process("sh", "-c", "ulimit -n; ulimit -Hn")
            .addRlimits(Rlimit.newBuilder().setName("NOFILE").setSoft(64).setHard(128));
    assertThat(said(with(process))).isEqualTo("64\n128\n");
  }

  @Test
  void isHeldByItsSeccompFilter() throws Exception {
    // Load the call's number; mkdir (83) fails with EPERM; everything else is allowed.
    ByteBuffer filter = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    filter.putShort((short) 0x20).put((byte) 0).put((byte) 0).putInt(0);
    filter.putShort((short) 0x15).put((byte) 0).put((byte) 1).putInt(83);
    filter.putShort((short) 0x06).put((byte) 0).put((byte) 0).putInt(0x00050001);
    filter.putShort((short) 0x06).put((byte) 0).put((byte) 0).putInt(0x7fff0000);
    for (boolean noNewPrivileges : new boolean[] {true, false}) {
      ProcessSpec.Builder process =
          process("sh", "-c", "mkdir /x; grep -E 'Seccomp:|NoNewPrivs' /proc/self/status")
              .setNoNewPrivileges(noNewPrivileges)
              .setSeccompBpf(ByteString.copyFrom(filter.array()));
      assertThat(said(with(process)))
          .contains("Operation not permitted", "Seccomp:\t2")
          .contains("NoNewPrivs:\t" + (noNewPrivileges ? 1 : 0));
    }
  }

  @Test
  void saysWhichLimitTheKernelCannotKeep() {
    // This machine's cgroup v2 has no controllers; a guest's has.
    ContainerSpec.Builder spec =
        shell("true").setResources(Resources.newBuilder().putUnified("pids.max", "5"));
    if (Files.exists(Path.of("/sys/fs/cgroup/unified"))) {
      assertThatThrownBy(() -> said(spec))
          .hasMessage("cannot set pids.max to 5: the guest's kernel lacks this cgroup controller");
    }
  }

  @Test
  void countsWhatItWrote() throws Exception {
    containers.create(
        "counted", shell("dd if=/dev/zero of=/big bs=4096 count=5 2>/dev/null").build());
    containers.get("counted").start();
    containers.get("counted").exited().get(20, TimeUnit.SECONDS);
    LayerStats layer = guest.services.stats().count("counted").getStats(0).getWritableLayer();
    // The root folder and the file.
    assertThat(layer.getInodes()).isEqualTo(2);
    assertThat(layer.getBytes()).isBetween(5 * 4096L, 7 * 4096L);
    containers.remove("counted");
  }
}
