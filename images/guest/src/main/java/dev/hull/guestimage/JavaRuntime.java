package dev.hull.guestimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Puts a small Java runtime, and the shared libraries that it needs, into a tree. */
final class JavaRuntime {
  /** What the agent, gRPC and protobuf use; see the README for how it was found out. */
  private static final String MODULES = "java.base,java.logging,jdk.unsupported";

  private static final Duration DEADLINE = Duration.ofMinutes(5);

  /** Where Debian keeps libraries; the same folders are searched by the loader in the guest. */
  private static final List<Path> LIBRARY_FOLDERS =
      List.of(Path.of("/lib/x86_64-linux-gnu"), Path.of("/usr/lib/x86_64-linux-gnu"));

  private final Path javaHome;

  JavaRuntime(Path javaHome) {
    this.javaHome = javaHome;
  }

  /** The C library that the guest gets: part of the image's version. */
  static Path libc() {
    return find("libc.so.6")
        .orElseThrow(() -> new GuestImageException("there is no libc.so.6 in " + LIBRARY_FOLDERS));
  }

  void install(Path tree) throws IOException {
    Path runtime = tree.resolve("jre");
    Command.run(
        tree,
        DEADLINE,
        List.of(
            javaHome.resolve("bin/jlink").toString(),
            "--add-modules",
            MODULES,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--vm",
            "server",
            "--output",
            runtime.toString()));
    List<Path> binaries = nativeFiles(runtime);
    List<String> strip = new ArrayList<>(List.of("strip", "--strip-unneeded"));
    binaries.forEach(file -> strip.add(file.toString()));
    Command.run(tree, DEADLINE, strip);
    copyLibraries(binaries, tree);
  }

  private static List<Path> nativeFiles(Path runtime) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(runtime)) {
      for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
        if (Elf.isElf(file)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  private static void copyLibraries(List<Path> files, Path tree) throws IOException {
    Set<String> own = new HashSet<>();
    files.forEach(file -> own.add(file.getFileName().toString()));
    Set<String> done = new HashSet<>();
    Deque<Path> open = new ArrayDeque<>(files);
    while (!open.isEmpty()) {
      Elf elf = Elf.read(open.remove());
      Optional<String> loader = elf.interpreter();
      if (loader.isPresent() && done.add(loader.get())) {
        copy(Path.of(loader.get()), tree.resolve(loader.get().substring(1)));
      }
      for (String name : elf.neededLibraries()) {
        // The loader is named with its path, above.
        if (own.contains(name) || name.startsWith("ld-linux") || !done.add(name)) {
          continue;
        }
        Path library =
            find(name)
                .orElseThrow(
                    () -> new GuestImageException("no " + name + " is in " + LIBRARY_FOLDERS));
        copy(
            library,
            tree.resolve(LIBRARY_FOLDERS.getFirst().toString().substring(1)).resolve(name));
        open.add(library);
      }
    }
  }

  private static Optional<Path> find(String name) {
    return LIBRARY_FOLDERS.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::exists)
        .findFirst();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
    if (!to.toFile().setExecutable(true, false)) {
      throw new IOException("cannot make " + to + " executable");
    }
  }
}
