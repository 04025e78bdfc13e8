package dev.hull.vm.template;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.guest.GuestDescription;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.hypervisor.SizeRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes templates, each by a machine without network, share and scratch disk that is booted, saved
 * and tried. The machine's id is in the name of its folder: a successor of a killed process ends
 * the domain and deletes the rest.
 */
final class TemplateBuild {
  private static final String PREFIX = "template-";
  private static final Pattern PLACE = Pattern.compile(PREFIX + "([0-9a-f]{12})");

  /** What a guest needs beside what it holds, so that it is not squeezed to death. */
  private static final int SLACK_MIB = 16;

  private static final long MIB = 1L << 20;
  private static final Duration TRIAL = Duration.ofSeconds(30);

  private final Hypervisor hypervisor;
  private final MemoryFiles memory;
  private final Path folder;
  private final Duration bootDeadline;
  private final RandomGenerator random;
  private final Executor executor;

  /**
   * @param folder for what is unfinished; QEMU's user must be let through
   */
  TemplateBuild(
      Hypervisor hypervisor,
      MemoryFiles memory,
      Path folder,
      Duration bootDeadline,
      RandomGenerator random,
      Executor executor) {
    this.hypervisor = hypervisor;
    this.memory = memory;
    this.folder = folder;
    this.bootDeadline = bootDeadline;
    this.random = random;
    this.executor = executor;
  }

  /** Ends and deletes what a process that was killed meanwhile has left. Idempotent. */
  void releaseLeftovers() {
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      for (Path place : files.toList()) {
        Matcher left = PLACE.matcher(place.getFileName().toString());
        if (left.matches()) {
          release(DomainName.ofShortForm(left.group(1)), place);
        }
      }
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot look for unfinished templates in " + folder + ": " + e, e);
    }
  }

  private void release(DomainName name, Path place) {
    try {
      hypervisor.destroy(name);
    } finally {
      memory.delete(name);
    }
    remove(place);
  }

  /**
   * Boots a machine, saves it to {@code target} and starts a copy of it to see whether it answers.
   *
   * @param target an empty folder
   * @param specification of a machine by its id and its place
   */
  void build(Path target, int memoryMib, Function<Seed, DomainSpec> specification)
      throws IOException {
    Template template = new Template(target);
    with(
        memoryMib,
        specification,
        (spec, agent) -> {
          hypervisor.start(spec);
          agent.awaitBoot(bootDeadline);
          new Rehearsal(hypervisor, random)
              .of(spec, agent, folder.resolve(PREFIX + spec.machine().shortForm()));
          agent.grow(spec.size(), spec.size());
          GuestDescription guest = agent.describe();
          // It has noticed that nobody speaks to it any more when it is saved.
          agent.close();
          hypervisor.squeeze(
              spec.name(),
              (int)
                  ((guest.memoryTotalBytes() - guest.memoryAvailableBytes()) / MIB
                      + reserved(spec, guest)
                      + SLACK_MIB));
          hypervisor.save(spec.name(), template.state());
          template.memory().writeFrom(memory.of(spec.name()));
        });
    with(
        memoryMib,
        specification,
        (spec, agent) -> {
          template.pourInto(memory.of(spec.name()));
          hypervisor.restore(spec, template.state(), () -> {});
          hypervisor.resume(spec.name());
          agent.awaitResume(TRIAL);
          agent.describe();
        });
  }

  /** What the kernel keeps to itself, and leaves out of what it calls its total. */
  private static long reserved(DomainSpec spec, GuestDescription guest) {
    return spec.size().memoryMib() - guest.memoryTotalBytes() / MIB;
  }

  /** Whose machine it is, and where its sockets and logs go. */
  record Seed(MachineId id, Path place, Path memory) {
    DomainSpec specification(
        SizeRange sizes, Acceleration acceleration, DomainSpec.Boot boot, Path rootDisk) {
      return new DomainSpec(
          id,
          sizes,
          acceleration,
          boot,
          Optional.of(memory),
          rootDisk,
          Optional.empty(),
          DomainSpec.Ports.in(place),
          new DomainSpec.Console(place.resolve("console.sock"), place.resolve("console.log")),
          Optional.empty(),
          Optional.empty());
    }
  }

  @FunctionalInterface
  private interface Use {
    void of(DomainSpec spec, GuestAgent agent) throws IOException;
  }

  private void with(int memoryMib, Function<Seed, DomainSpec> specification, Use use)
      throws IOException {
    MachineId id = MachineId.random(random);
    DomainName name = DomainName.of(id);
    Path place = folder.resolve(PREFIX + id.shortForm());
    Files.createDirectories(place);
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
    try {
      DomainSpec spec = specification.apply(new Seed(id, place, memory.create(name, memoryMib)));
      try (GuestAgent agent = new GuestAgent(spec.ports(), executor)) {
        use.of(spec, agent);
      }
    } finally {
      // Who interrupts wants an end, and an orderly one.
      boolean interrupted = Thread.interrupted();
      try {
        release(name, place);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static void remove(Path place) {
    try {
      Trees.delete(place);
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot remove " + place + ": " + e, e);
    }
  }
}
