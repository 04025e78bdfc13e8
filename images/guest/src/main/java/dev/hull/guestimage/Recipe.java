package dev.hull.guestimage;

import dev.hull.images.layer.LayerTranscoder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes the guest image, or finds it made: one folder for each content, below a cache folder.
 *
 * <pre>{@code
 * GuestImage image =
 *     new Recipe(Path.of("/var/cache/hull/guest"), System.out::println)
 *         .make(new Sources(agentJars, launcherSources));
 * }</pre>
 *
 * <p>Needs root (it changes the root folder for the agent's rehearsal), a JDK, and the programs of
 * the packages gcc, make, libc6-dev, binutils, util-linux, apt and dpkg. Several processes may make
 * the same image at once: one does, the others wait for it.
 */
public final class Recipe {
  private static final String UNFINISHED = ".making-";
  private static final Duration COMPILE = Duration.ofMinutes(5);

  private final Path cache;
  private final Consumer<String> progress;

  /**
   * @param cache is made if it is not there
   * @param progress is told each step, a line each; nothing if the image is there already
   */
  public Recipe(Path cache, Consumer<String> progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /**
   * Returns the image of these sources and of the newest kernel that apt knows. Blocks for about a
   * minute when it has to be made.
   *
   * @throws GuestImageException if it cannot be made; nothing half-made is left
   */
  public GuestImage make(Sources sources) {
    try {
      Path javaHome = Path.of(System.getProperty("java.home"));
      KernelPackage kernel = KernelPackage.newest();
      AgentJars jars = AgentJars.read(sources.agent());
      String version = version(sources, kernel, jars, javaHome);
      Path finished = cache.resolve(version);
      if (Files.exists(finished.resolve(GuestImage.PROPERTIES))) {
        return GuestImage.read(finished);
      }
      Files.createDirectories(cache);
      try (FileChannel channel =
              FileChannel.open(
                  cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && Files.notExists(finished.resolve(GuestImage.PROPERTIES))) {
          removeUnfinished();
          makeNew(sources, kernel, jars, javaHome, version, finished);
        }
      }
      return GuestImage.read(finished);
    } catch (IOException e) {
      throw new GuestImageException("cannot make the guest image in " + cache + ": " + e, e);
    }
  }

  private static String version(
      Sources sources, KernelPackage kernel, AgentJars jars, Path javaHome) throws IOException {
    Version version =
        new Version()
            .text("kernel", kernel.name() + " " + kernel.version())
            .file("jdk", javaHome.resolve("release"))
            .file("libc", JavaRuntime.libc())
            .tree("recipe", codeOf(Recipe.class))
            .tree("erofs", codeOf(LayerTranscoder.class));
    for (Path jar : jars.files()) {
      version.file("agent/" + jar.getFileName(), jar);
    }
    try (Stream<Path> files = Files.list(sources.launcher())) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        version.file("launcher/" + file.getFileName(), file);
      }
    }
    return version.value();
  }

  private static Path codeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the code of " + type + " is nowhere", e);
    }
  }

  private void makeNew(
      Sources sources,
      KernelPackage kernel,
      AgentJars jars,
      Path javaHome,
      String version,
      Path finished)
      throws IOException {
    Path work = Files.createTempDirectory(cache, UNFINISHED);
    try {
      Path image = Files.createDirectory(work.resolve("image"));
      KernelModules modules = makeKernel(kernel, sources.launcher(), work, image);
      progress.accept("root file system: Java runtime and agent " + jars.version());
      RootTree tree =
          RootTree.make(
              work.resolve("root"),
              jars,
              work.resolve("programs"),
              new JavaRuntime(javaHome),
              modules);
      progress.accept("rehearsing the agent's start");
      tree.rehearse(work);
      progress.accept("root file system: image");
      RootImage.write(image.resolve(GuestImage.ROOT), tree.path(), work);
      new GuestImage(image, version, kernel.release(), KernelCommandLine.TEXT, jars.version())
          .write();
      publish(image, finished);
    } finally {
      remove(work);
    }
    progress.accept("guest image " + version + " is ready");
  }

  private KernelModules makeKernel(KernelPackage kernel, Path launcher, Path work, Path image)
      throws IOException {
    progress.accept("fetching " + kernel.name() + " " + kernel.version());
    Path tree = kernel.unpack(Files.createDirectory(work.resolve("kernel")));
    progress.accept("kernel and initramfs");
    Path vmlinuz = tree.resolve("boot/vmlinuz-" + kernel.release());
    Files.write(image.resolve(GuestImage.KERNEL), BzImage.vmlinux(Files.readAllBytes(vmlinuz)));
    Path programs = Files.createDirectory(work.resolve("programs"));
    Command.run(launcher, COMPILE, List.of("make", "--quiet", "OUT=" + programs));
    KernelModules modules = new KernelModules(tree.resolve("lib/modules/" + kernel.release()));
    Initramfs.write(image.resolve(GuestImage.INITRAMFS), programs.resolve("init"), modules);
    return modules;
  }

  /** QEMU's user reads it, whoever made it. */
  private static void publish(Path image, Path finished) throws IOException {
    try (Stream<Path> files = Files.list(image)) {
      for (Path file : files.toList()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
    Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(image, finished, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a killed run has left. Only under the lock. */
  private void removeUnfinished() throws IOException {
    try (Stream<Path> entries = Files.list(cache)) {
      for (Path entry : entries.toList()) {
        if (entry.getFileName().toString().startsWith(UNFINISHED)) {
          remove(entry);
        }
      }
    }
  }

  private static void remove(Path tree) throws IOException {
    try (Stream<Path> walk = Files.walk(tree)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
