package dev.hull.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.agent.io.HostLine;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.Mounts;
import dev.hull.agent.process.NativePrograms;
import dev.hull.agent.process.RunningProcess;
import dev.hull.agent.stats.StatsService;
import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.Capabilities;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessSpec;
import dev.hull.guest.v1.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * This machine in a guest's place: real processes, namespaces, mounts and cgroups, made by the real
 * launcher. Layers are folders instead of EROFS partitions, for a container's test needs no disk.
 * The tests want root, busybox-static and a mounted cgroup v2.
 */
final class HostAsGuest implements AutoCloseable {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<Path> CGROUPS =
      List.of(Path.of("/sys/fs/cgroup/unified"), Path.of("/sys/fs/cgroup"));

  /** Docker's default capabilities. */
  static final List<String> DEFAULT_CAPABILITIES =
      List.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FSETID",
          "FOWNER",
          "MKNOD",
          "NET_RAW",
          "SETGID",
          "SETUID",
          "SETFCAP",
          "SETPCAP",
          "NET_BIND_SERVICE",
          "SYS_CHROOT",
          "KILL",
          "AUDIT_WRITE");

  final Path run;
  final Path layer;
  final ContainerServices services;
  final PodNetwork network;
  private final HostLine line;
  private final Path cgroupMount;
  final Path cgroups;
  private int count;

  HostAsGuest(Path folder) throws IOException {
    if (!Files.isExecutable(BUSYBOX)) {
      throw new AssertionError("these tests need /bin/busybox: install busybox-static");
    }
    cgroupMount =
        CGROUPS.stream()
            .filter(path -> Files.exists(path.resolve("cgroup.controllers")))
            .findFirst()
            .orElseThrow(() -> new AssertionError("these tests need a mounted cgroup v2"));
    cgroups =
        Files.createDirectory(cgroupMount.resolve("hull-test-" + ProcessHandle.current().pid()));
    run = Files.createDirectories(folder.resolve("run"));
    Files.createDirectories(run.resolve("scratch"));
    Files.createDirectories(run.resolve("share"));
    Path pod = Files.createDirectories(run.resolve("pod"));
    Files.writeString(pod.resolve("hosts"), "127.0.0.1 localhost\n");
    layer = folder.resolve("disk1");
    fillLayer();

    Libc libc = new Libc(NativePrograms.library());
    Linux real = Linux.through(libc);
    Linux linux =
        new Linux(
            new FolderLayers(real.mounts()),
            real.descriptors(),
            real.transfers(),
            real.power(),
            real.clock(),
            real.hostname());
    network = new PodNetwork(libc::enterNetwork);
    line = new HostLine(libc, real);
    services =
        new ContainerServices(
            linux,
            libc,
            network,
            address -> folder.resolve("disk"),
            line.agentEnd(),
            new ContainerServices.Folders(
                run,
                cgroups,
                NativePrograms.launcher(),
                new StatsService.Folders(Path.of("/proc"), Path.of("/sys"))));
  }

  private void fillLayer() throws IOException {
    for (String name : List.of("bin", "etc", "tmp", "home", "proc", "sys", "dev")) {
      Files.createDirectories(layer.resolve(name));
    }
    Files.copy(BUSYBOX, layer.resolve("bin/busybox"));
    for (String tool :
        List.of(
            "sh",
            "cat",
            "id",
            "ls",
            "ps",
            "mount",
            "sleep",
            "head",
            "dd",
            "mknod",
            "stty",
            "tty",
            "readlink",
            "grep",
            "touch",
            "mkdir",
            "kill",
            "pwd",
            "env",
            "seq",
            "ip",
            "nc",
            "true")) {
      Files.createSymbolicLink(layer.resolve("bin/" + tool), Path.of("busybox"));
    }
    Files.writeString(
        layer.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33:web:/home/web:/bin/sh\n");
    Files.writeString(layer.resolve("etc/group"), "root:x:0:\nweb:x:33:\nadm:x:4:web\n");
    Files.writeString(layer.resolve("bin/plain"), "no program");
  }

  /** Binds folders where the guest mounts EROFS. */
  private record FolderLayers(Mounts real) implements Mounts {
    @Override
    public void mount(String source, String target, String type, long flags, String data) {
      boolean layer = type.equals("erofs");
      real.mount(source, target, layer ? "" : type, layer ? Mounts.BIND : flags, data);
    }

    @Override
    public void map(String target, int users) {
      real.map(target, users);
    }

    @Override
    public void unmount(String target, int flags) {
      real.unmount(target, flags);
    }
  }

  /** What a process says, from now on. */
  Transcript transcript(RunningProcess process) {
    return new Transcript(line.read(services.line(), process.output(), 0));
  }

  /** All that a process says, which must be on standard output. */
  String said(RunningProcess process) {
    Transcript transcript = transcript(process);
    transcript.toEnd();
    assertThat(transcript.err()).as("standard error").isEmpty();
    return transcript.out();
  }

  Containers containers() {
    return services.containers();
  }

  /** Runs a container to its end and returns what it said. */
  String said(ContainerSpec.Builder spec) throws Exception {
    String id = "c" + count++;
    containers().create(id, spec.build());
    try {
      containers().get(id).start();
      containers().get(id).exited().get(20, TimeUnit.SECONDS);
      Transcript transcript =
          transcript(containers().find(ProcessRef.newBuilder().setContainerId(id).build()));
      transcript.toEnd();
      return transcript.out() + transcript.err();
    } finally {
      containers().remove(id);
    }
  }

  /** A container that runs a shell command with Docker's default rights. */
  static ContainerSpec.Builder shell(String command) {
    return ContainerSpec.newBuilder()
        .setRoot(
            RootFilesystem.newBuilder()
                .setDisk(DiskAddress.getDefaultInstance())
                .addLayerPartitions(1))
        .setProcess(process("sh", "-c", command));
  }

  static ProcessSpec.Builder process(String... args) {
    return ProcessSpec.newBuilder()
        .addAllArgs(List.of(args))
        .setCapabilities(
            Capabilities.newBuilder()
                .addAllBounding(DEFAULT_CAPABILITIES)
                .addAllPermitted(DEFAULT_CAPABILITIES)
                .addAllEffective(DEFAULT_CAPABILITIES));
  }

  @Override
  public void close() throws IOException {
    services.close();
    // The agent has put itself, which is this JVM, into a cgroup of its own.
    Cgroup.write(cgroupMount.resolve("cgroup.procs"), "0");
    new Cgroup(cgroups).remove();
  }
}
