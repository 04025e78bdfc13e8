package dev.hull.guestimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The root file system of the guest, as a tree on disk: runtime, agent, launcher, kernel modules,
 * empty mount points.
 */
final class RootTree {
  /** All files carry this time: the agent's cache compares it with its own record. */
  static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  private static final String CACHE = "/hull/agent.aot";
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  /** Runs a command with the tree as its root, and with the kernel's file systems while it runs. */
  private static final String IN_TREE =
      "mount --rbind /dev \"$0/dev\" && mount -t proc proc \"$0/proc\""
          + " && mount -t sysfs sysfs \"$0/sys\" && mount -t tmpfs tmpfs \"$0/run\" && exec chroot \"$0\" \"$@\"";

  /** Packages that carry output and input: compiled as soon as there is much of it. */
  private static final List<String> CARRIERS =
      List.of(
          "com.google.protobuf.",
          "dev.hull.",
          "io.grpc.",
          "java.util.concurrent.",
          "jdk.internal.foreign.",
          "okio.");

  private final Path tree;
  private final String classPath;

  private RootTree(Path tree, String classPath) {
    this.tree = tree;
    this.classPath = classPath;
  }

  static RootTree make(
      Path tree, AgentJars jars, Path programs, JavaRuntime runtime, KernelModules modules)
      throws IOException {
    Files.createDirectories(tree);
    runtime.install(tree);
    for (String folder : List.of("proc", "sys", "dev", "run", "tmp", "etc", "hull/lib")) {
      Files.createDirectories(tree.resolve(folder));
    }
    Files.writeString(tree.resolve("etc/passwd"), "root:x:0:0:root:/:/sbin/nologin\n");
    Files.writeString(tree.resolve("etc/group"), "root:x:0:\n");
    List<String> classPath = new ArrayList<>();
    for (Path jar : jars.files()) {
      Path target = tree.resolve("hull/lib").resolve(jar.getFileName());
      Files.copy(jar, target);
      classPath.add("/" + tree.relativize(target));
    }
    try (Stream<Path> files = Files.list(programs)) {
      for (Path program : files.toList()) {
        // The first-stage init lives in the initramfs.
        if (!program.endsWith("init")) {
          Files.copy(program, tree.resolve("hull").resolve(program.getFileName()));
        }
      }
    }
    OnDemandModules.install(tree, "/hull/modprobe", modules);
    RootTree made = new RootTree(tree, String.join(":", classPath));
    Files.writeString(
        tree.resolve("hull/agent.args"),
        String.join("\n", made.command(List.of("-XX:AOTCache=" + CACHE), "dev.hull.agent.Main"))
            + "\n");
    made.settle();
    return made;
  }

  Path path() {
    return tree;
  }

  /**
   * Rehearses a start of the agent and keeps what it loaded, so that the guest's agent need not
   * load it again.
   */
  void rehearse(Path work) throws IOException {
    String socket = "/run/rehearsal.sock";
    String record = "/run/agent.aotconf";
    // One shell for both: the socket and the record live in a file system that ends with it.
    List<String> rehearsal = new ArrayList<>();
    rehearsal.addAll(
        command(
            List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + record),
            "dev.hull.agent.Rehearsal",
            "agent",
            socket));
    List<String> create =
        command(
            List.of(
                "-XX:AOTMode=create", "-XX:AOTConfiguration=" + record, "-XX:AOTCache=" + CACHE),
            "dev.hull.agent.Rehearsal");
    inTree(
        work,
        List.of(
            "/jre/bin/java",
            "-cp",
            classPath,
            "dev.hull.agent.Rehearsal",
            "conduct",
            String.join("\n", rehearsal),
            String.join("\n", create),
            socket));
    if (Files.notExists(tree.resolve(CACHE.substring(1)))) {
      throw new GuestImageException("the rehearsal of the agent left no " + CACHE);
    }
    settle();
  }

  private void inTree(Path work, List<String> command) {
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "--pid",
                "--net",
                "--uts",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                IN_TREE,
                tree.toString()));
    wrapped.addAll(command);
    Command.run(work, DEADLINE, wrapped);
  }

  private List<String> command(List<String> cacheOptions, String... main) {
    List<String> command = new ArrayList<>();
    command.add("/jre/bin/java");
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-XX:TieredStopAtLevel=1",
            // Most of a start runs once; under emulation compiling it costs more than it saves:
            // what the compiler itself is made of has to be translated first.
            "-XX:CompileThresholdScaling=200",
            "-XX:CompileCommand=quiet",
            // The cache holds machine code for the CPU that made it; the guest's may lack AVX.
            "-XX:UseAVX=0",
            "-XX:+UseCompactObjectHeaders",
            "-Xms8m",
            "-Xmx64m",
            "-Xss512k",
            "-XX:ReservedCodeCacheSize=16m",
            "-XX:CompressedClassSpaceSize=32m",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-CreateCoredumpOnCrash",
            // A system call that blocks keeps its carrier; with one CPU there would be one.
            "-Djdk.virtualThreadScheduler.parallelism=4",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    for (String carrier : CARRIERS) {
      command.add("-XX:CompileCommand=CompileThresholdScaling,%s*::*,2.0".formatted(carrier));
    }
    command.addAll(cacheOptions);
    command.addAll(List.of("-cp", classPath));
    command.addAll(List.of(main));
    return command;
  }

  /** Gives every file the same time and permissions that do not depend on who makes it. */
  private void settle() throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(tree)) {
      all = walk.filter(path -> !Files.isSymbolicLink(path)).toList();
    }
    for (Path path : all) {
      boolean executable = Files.isDirectory(path) || Files.isExecutable(path);
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
      Files.setLastModifiedTime(path, FileTime.from(TIME));
    }
  }
}
