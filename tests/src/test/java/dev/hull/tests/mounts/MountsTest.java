package dev.hull.tests.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hull.cri.v1.Device;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.MountPropagation;
import dev.hull.cri.v1.RemoveImageRequest;
import dev.hull.tests.harness.AtomicVolume;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
@Timeout(240)
final class MountsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Says by inotify(7) what is renamed into a folder; the numbers are those of x86-64. */
  private static final String WATCH =
      """
      my $watch = syscall(294, 0);
      my $moved_to = 0x80;
      syscall(254, $watch, $ARGV[0], $moved_to) >= 0 or die "cannot watch: $!";
      open(my $events, "<&=", $watch) or die;
      $| = 1;
      print "watching\\n";
      while (sysread($events, my $event, 4096)) {
        while (length $event) {
          my (undef, undef, undef, $length) = unpack("iIII", $event);
          print "moved ", unpack("Z*", substr($event, 16, $length)), "\\n";
          $event = substr($event, 16 + $length);
        }
      }
      """;

  @TempDir private static Path folder;
  private static Daemon daemon;
  private static TestPod pod;

  @BeforeAll
  static void startDaemon() {
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    TestPod.load(daemon, TestPod.NGINX);
    pod = TestPod.run(daemon, folder.resolve("logs"));
  }

  @AfterAll
  static void stopDaemon() {
    pod.close();
    daemon.close();
  }

  private static Mount.Builder mount(Path source, String destination) {
    return Mount.newBuilder().setHostPath(source.toString()).setContainerPath(destination);
  }

  private static String run(String name, String script, Mount.Builder... mounts) {
    return pod.start(
        pod.create(
            name,
            TestPod.DEBIAN,
            script,
            spec -> {
              List.of(mounts).forEach(spec::addMounts);
              return spec;
            }));
  }

  private static String said(String name, String script, Mount.Builder... mounts) {
    String container = run(name, script, mounts);
    pod.awaitExit(container);
    return pod.output(container);
  }

  private static String exec(String container, String script) {
    return pod.exec(container, "/bin/bash", "-c", "exec 2>&1; " + script)
        .getStdout()
        .toStringUtf8();
  }

  private static void host(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
  }

  @Test
  void readOnlyHoldsBelowMountsOfTheSourceOnlyIfItIsAskedToBeRecursive() throws Exception {
    Path source = Files.createDirectories(folder.resolve("readonly"));
    Path below = Files.createDirectory(source.resolve("below"));
    host("mount", "-t", "tmpfs", "none", below.toString());
    try {
      String output =
          said(
              "readonly",
              "touch /ro/file; touch /ro/below/file && echo may; touch /rro/file /rro/below/other;"
                  + " grep -c ' /rro .* ro' /proc/self/mounts",
              mount(source, "/ro").setReadonly(true),
              mount(source, "/rro").setReadonly(true).setRecursiveReadOnly(true));
      assertThat(output)
          .contains(
              "'/ro/file': Read-only file system",
              "may\n",
              "'/rro/file': Read-only file system",
              "'/rro/below/other': Read-only file system",
              "\n1\n");
      assertThat(below.resolve("file")).exists();
    } finally {
      host("umount", "-l", below.toString());
    }
  }

  @Test
  void whatIsMountedBelowAVolumeIsTheHostsToUnmountAndToRemoveWhileThePodRuns() throws Exception {
    Path source = Files.createDirectories(folder.resolve("removed"));
    Path below = Files.createDirectory(source.resolve("below"));
    host("mount", "-t", "tmpfs", "none", below.toString());
    Files.writeString(below.resolve("flag"), "here");
    String container =
        run(
            "removed",
            "sleep 600",
            mount(source, "/plain"),
            mount(source, "/ro").setReadonly(true),
            mount(source, "/rro").setReadonly(true).setRecursiveReadOnly(true));
    assertThat(exec(container, "cat /plain/below/flag /ro/below/flag /rro/below/flag"))
        .isEqualTo("hereherehere");
    host("umount", below.toString());
    Files.delete(below);
    Files.delete(source);
    pod.removeContainer(container);
  }

  @Test
  void mountsOfTheHostAppearInARunningContainerOnlyIfTheyAreToPropagate() throws Exception {
    Path source = Files.createDirectories(folder.resolve("shared"));
    Path point = Files.createDirectory(source.resolve("point"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("flag"), "here");
    host("mount", "--bind", source.toString(), source.toString());
    try {
      host("mount", "--make-shared", source.toString());
      String container =
          run(
              "propagation",
              "sleep 600",
              mount(source, "/private"),
              mount(source, "/slave")
                  .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
      assertThat(exec(container, "ls /slave/point")).isEmpty();
      host("mount", "--bind", other.toString(), point.toString());
      Awaitility.await()
          .atMost(SOON)
          .until(() -> exec(container, "cat /slave/point/flag").equals("here"));
      assertThat(exec(container, "ls /private/point")).isEmpty();
      // virtiofsd holds what the guest has seen of it.
      host("umount", "-l", point.toString());
      Awaitility.await().atMost(SOON).until(() -> exec(container, "ls /slave/point").isEmpty());
      pod.removeContainer(container);
    } finally {
      host("umount", "-l", source.toString());
    }
  }

  @Test
  void aSingleFileIsMountedAndWrittenThroughAndASocketIsRefused() throws Exception {
    Path termination = Files.createFile(folder.resolve("termination-log"));
    Files.setPosixFilePermissions(termination, PosixFilePermissions.fromString("rw-rw-rw-"));
    Path hosts = Files.writeString(folder.resolve("hosts"), "10.1.2.3 kubelets-own\n");
    assertThat(
            said(
                "file",
                "cat /etc/hosts; echo why > /dev/termination-log",
                mount(hosts, "/etc/hosts"),
                mount(termination, "/dev/termination-log")))
        .isEqualTo("10.1.2.3 kubelets-own\n");
    assertThat(termination).hasContent("why\n");
    assertThatThrownBy(() -> run("socket", "true", mount(daemon.socket(), "/run/hull.sock")))
        .hasMessageContaining("sockets, pipes and devices of the host do not work");
  }

  @Test
  void anImageIsAReadOnlyVolumeAndStaysWhileItIsOne() {
    Mount.Builder image =
        Mount.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage(TestPod.NGINX))
            .setReadonly(true);
    String container =
        run(
            "image",
            "sleep 600",
            image.clone().setContainerPath("/all"),
            image.clone().setContainerPath("/part").setImageSubPath("etc/nginx"));
    assertThat(exec(container, "test -x /all/usr/sbin/nginx && ls /part")).contains("nginx.conf");
    assertThat(exec(container, "rm /part/nginx.conf; touch /all/new"))
        .contains("'/part/nginx.conf': Read-only file system")
        .contains("'/all/new': Read-only file system");
    assertThatThrownBy(
            () ->
                daemon
                    .cri()
                    .images()
                    .removeImage(
                        RemoveImageRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(TestPod.NGINX))
                            .build()))
        .hasMessageContaining("FAILED_PRECONDITION");
    pod.removeContainer(container);
    assertThatThrownBy(
            () ->
                run("missing", "true", image.clone().setContainerPath("/x").setImageSubPath("no")))
        .hasMessageContaining("no such file or directory");
  }

  @Test
  void aBlockDeviceOfTheHostIsADiskOfTheMachineAndStaysTheHosts() throws Exception {
    Path file = Files.write(folder.resolve("disk"), new byte[8 << 20]);
    Process losetup =
        new ProcessBuilder("losetup", "--find", "--show", file.toString())
            .redirectErrorStream(true)
            .start();
    String loop = new String(losetup.getInputStream().readAllBytes(), UTF_8).strip();
    assumeThat(losetup.waitFor()).as("this host has no loop devices: " + loop).isZero();
    try {
      Map<String, Object> node = ownership(loop);
      String writer =
          run(
              "writer",
              "test -b /dev/block && printf hello | dd of=/dev/block conv=fsync && head -c 5 /dev/block;"
                  + " sleep 600",
              mount(Path.of(loop), "/dev/block"));
      awaitOutput(writer, "hello");
      assertThat(Files.readAllBytes(file)).startsWith("hello".getBytes(UTF_8));
      assertThat(ownership(loop)).isEqualTo(node);
      daemon.kill();
      daemon.start();
      assertThat(exec(writer, "head -c 5 /dev/block")).isEqualTo("hello");
      Device.Builder device =
          Device.newBuilder()
              .setHostPath(loop)
              .setContainerPath("/dev/deep/er/block")
              .setPermissions("r");
      String reader =
          pod.start(
              pod.create(
                  "reader",
                  TestPod.DEBIAN,
                  "head -c 5 /dev/deep/er/block; echo no > /dev/deep/er/block",
                  spec -> spec.addDevices(device)));
      pod.awaitExit(reader);
      assertThat(pod.output(reader)).startsWith("hello").contains("Operation not permitted");
      pod.removeContainer(reader);
      pod.removeContainer(writer);
      assertThat(ownership(loop)).isEqualTo(node);
    } finally {
      host("losetup", "--detach", loop);
    }
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(Path.of("/sys/block").resolve(Path.of(loop).getFileName()))
                    .as("nobody holds it any more")
                    .satisfiesAnyOf(
                        block -> assertThat(block).doesNotExist(),
                        block -> assertThat(block.resolve("loop")).doesNotExist()));
  }

  private static Map<String, Object> ownership(String node) throws Exception {
    return Files.readAttributes(Path.of(node), "unix:uid,gid,mode");
  }

  @Test
  void aConfigMapsChangesAreSeenAndToldOfInTheContainerAlsoAfterARestart() throws Exception {
    AtomicVolume volume = new AtomicVolume(folder.resolve("config"));
    byte[] large = new byte[20 << 20];
    new Random(1).nextBytes(large);
    volume.write(Map.of("key", "one".getBytes(UTF_8), "large", large));
    Files.setPosixFilePermissions(volume.file("key"), PosixFilePermissions.fromString("r--r-----"));
    Files.setAttribute(volume.file("key"), "unix:gid", 2000);
    String watcher =
        run(
            "watcher",
            "exec perl -e '" + WATCH + "' /config",
            mount(volume.path(), "/config").setReadonly(true));
    awaitOutput(watcher, "watching\n");
    assertThat(exec(watcher, "stat -L -c '%a %g' /config/key; cat /config/key"))
        .isEqualTo("440 2000\none");
    assertThat(exec(watcher, "sha256sum < /config/large")).startsWith(sha256(large));
    assertThat(exec(watcher, "touch /config/new")).contains("Read-only file system");

    volume.write(Map.of("key", "two".getBytes(UTF_8), "large", new byte[1]));
    awaitOutput(watcher, "moved ..data\n");
    Awaitility.await().atMost(SOON).until(() -> exec(watcher, "cat /config/key").equals("two"));

    daemon.kill();
    volume.write(Map.of("key", "three".getBytes(UTF_8), "large", new byte[1]));
    daemon.start();
    Awaitility.await().atMost(SOON).until(() -> exec(watcher, "cat /config/key").equals("three"));
    volume.write(Map.of("key", "four".getBytes(UTF_8), "large", new byte[1]));
    Awaitility.await().atMost(SOON).until(() -> exec(watcher, "cat /config/key").equals("four"));
    assertThat(exec(watcher, "ls -A /config").lines())
        .as("what was before is gone")
        .containsExactlyInAnyOrder("..content_4", "..data", "key", "large");
    pod.removeContainer(watcher);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static void awaitOutput(String container, String text) {
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(pod.output(container)).contains(text));
  }
}
