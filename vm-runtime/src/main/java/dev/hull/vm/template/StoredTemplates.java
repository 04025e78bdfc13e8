package dev.hull.vm.template;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.hypervisor.SizeRange;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Templates in a folder that all processes of the host share. Each has a folder of its own, named
 * by a digest of all that it depends on (guest image, machine, QEMU, libvirt), that appears when it
 * is complete and has been tried. One process at a time makes one.
 */
public final class StoredTemplates implements Templates {
  private static final Logger log = LoggerFactory.getLogger(StoredTemplates.class);
  private static final String UNFINISHED = ".new-";
  private static final String LOCK = ".lock";
  private static final int KEPT = 4;

  /** Raised when what is done to a machine before it is saved changes. */
  private static final String METHOD = "4";

  private final Path folder;
  private final Source source;
  private final Hypervisor hypervisor;
  private final TemplateBuild build;
  private final Set<Path> spoiled = ConcurrentHashMap.newKeySet();

  /**
   * What is booted.
   *
   * @param version of the guest image
   * @param acceleration may block the first time
   * @param host what the host has: no machine grows beyond it
   */
  public record Source(
      DomainSpec.Boot boot,
      Path rootDisk,
      String version,
      Supplier<Acceleration> acceleration,
      MachineSize host) {}

  /**
   * @param folder for the finished ones
   * @param work for what is unfinished, under this daemon's root; QEMU's user must get through
   */
  public StoredTemplates(
      Path folder,
      Path work,
      Source source,
      Hypervisor hypervisor,
      MemoryFiles memory,
      Duration bootDeadline,
      RandomGenerator random,
      Executor executor) {
    this.folder = folder;
    this.source = source;
    this.hypervisor = hypervisor;
    this.build = new TemplateBuild(hypervisor, memory, work, bootDeadline, random, executor);
    build.releaseLeftovers();
  }

  @Override
  public Optional<Match> find(MachineSize wanted) {
    return made(wanted)
        .or(
            () ->
                Fitting.inOrder(ranges(), wanted).stream()
                    .flatMap(sizes -> made(sizes.least()).stream())
                    .findFirst());
  }

  /** The one of just this size. */
  private Optional<Match> made(MachineSize size) {
    Path place = place(size);
    Template template = new Template(place);
    return Files.exists(template.description()) && !spoiled.contains(place)
        ? Optional.of(new Match(template, range(size)))
        : Optional.empty();
  }

  private SizeRange range(MachineSize size) {
    return SizeRange.from(size, source.host());
  }

  /** Of all that there are, also those that no machine of today can be a copy of. */
  private Set<SizeRange> ranges() {
    try {
      return list(folder).values().stream()
          .map(facts -> range(facts.size()))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      log.warn(
          "templates cannot be looked through, and only those of just the right size are used", e);
      return Set.of();
    }
  }

  @Override
  public void spoiled(Template template, String reason) {
    if (spoiled.add(template.folder())) {
      log.warn(
          "a template is of no use, and machines boot until it has been made anew template={} reason={}",
          template.folder(),
          reason);
      remove(template.folder());
    }
  }

  private Path place(MachineSize size) {
    TemplateBuild.Seed seed =
        new TemplateBuild.Seed(new MachineId("0".repeat(64)), Path.of("/"), Path.of("/memory"));
    String kinship =
        hypervisor.kinship(
            seed.specification(
                range(size), source.acceleration().get(), source.boot(), source.rootDisk()));
    return folder.resolve(
        digest(
            String.join(
                "\n",
                METHOD,
                source.version(),
                content(source.boot().kernel()),
                content(source.boot().initramfs()),
                content(source.rootDisk()),
                kinship)));
  }

  /** A file that was tampered with under the same version is another one. */
  private static String content(Path file) {
    try {
      return Files.size(file) + " " + Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot look at " + file, e);
    }
  }

  private static String digest(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public boolean prepare(MachineSize size) {
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      try (FileChannel file =
              FileChannel.open(
                  folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = file.tryLock()) {
        if (lock != null && made(size).isEmpty()) {
          make(size);
        }
      }
      return made(size).isPresent();
    } catch (IOException | MachineException | OverlappingFileLockException e) {
      log.warn("no template could be made, so machines boot, which takes longer size={}", size, e);
      return false;
    }
  }

  private void make(MachineSize size) throws IOException {
    long began = System.nanoTime();
    removeUnfinished();
    Path place = place(size);
    Path unfinished = Files.createDirectory(folder.resolve(UNFINISHED + place.getFileName()));
    try {
      Acceleration acceleration = source.acceleration().get();
      build.build(
          unfinished,
          size.memoryMib(),
          seed -> seed.specification(range(size), acceleration, source.boot(), source.rootDisk()));
      new TemplateFacts(
              size, source.version(), new Template(unfinished).memory().dataBytes(), Instant.now())
          .write(new Template(unfinished).description());
      Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
      spoiled.remove(place);
      removeOldest();
    } finally {
      remove(unfinished);
    }
    log.info(
        "made a template vcpus={} memory_mib={} data_mib={} millis={} template={}",
        size.vcpus(),
        size.memoryMib(),
        new Template(place).memory().dataBytes() >> 20,
        Duration.ofNanos(System.nanoTime() - began).toMillis(),
        place.getFileName());
  }

  /** All that are complete in a folder, by their names, also those that nobody uses any more. */
  public static SortedMap<String, TemplateFacts> list(Path folder) throws IOException {
    SortedMap<String, TemplateFacts> found = new TreeMap<>();
    try (Stream<Path> entries =
        Files.isDirectory(folder) ? Files.list(folder) : Stream.<Path>empty()) {
      for (Path entry : entries.toList()) {
        Path description = new Template(entry).description();
        if (Files.exists(description) && !isUnfinished(entry)) {
          facts(description).ifPresent(facts -> found.put(entry.getFileName().toString(), facts));
        }
      }
    }
    return found;
  }

  /** One that cannot be read must not hide the others. */
  private static Optional<TemplateFacts> facts(Path description) {
    try {
      return Optional.of(TemplateFacts.read(description));
    } catch (IOException e) {
      log.warn("a template cannot be read; delete its folder {}", description.getParent(), e);
      return Optional.empty();
    }
  }

  /** False if there is none of this name. */
  public static boolean remove(Path folder, String name) throws IOException {
    if (!list(folder).containsKey(name)) {
      return false;
    }
    remove(folder.resolve(name));
    return true;
  }

  private static boolean isUnfinished(Path entry) {
    return entry.getFileName().toString().startsWith(UNFINISHED);
  }

  /** Each new guest image leaves one behind. Machines that are copies of them run on. */
  private void removeOldest() throws IOException {
    list(folder).entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getValue().madeAt(), Comparator.reverseOrder()))
        .skip(KEPT)
        .forEach(entry -> remove(folder.resolve(entry.getKey())));
  }

  /** What a killed process left; only under the lock. */
  private void removeUnfinished() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      entries.filter(StoredTemplates::isUnfinished).forEach(StoredTemplates::remove);
    }
  }

  private static void remove(Path tree) {
    try {
      Trees.delete(tree);
    } catch (IOException e) {
      log.warn("a template cannot be removed {}", tree, e);
    }
  }
}
