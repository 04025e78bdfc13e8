package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A domain of a {@link FakeHost}, which guards it by its own lock. */
final class FakeDomain implements AutoCloseable {
  final Throwable started;
  final Map<Integer, Disk> disks = new TreeMap<>();
  DomainState state = DomainState.RUNNING;
  boolean saved;
  private Optional<Path> share;
  private Optional<DomainSpec.NetworkCard> network;

  private MachineSize size;

  private final DomainSpec spec;
  private final long pid;
  private final List<FakePort> ports;

  FakeDomain(DomainSpec spec, FakeHost.Guest guest, long pid) {
    this.spec = spec;
    this.pid = pid;
    this.size = spec.size();
    this.started = new Throwable("domain " + spec.name() + " was started here");
    List.of(spec.boot().kernel(), spec.boot().initramfs(), spec.rootDisk())
        .forEach(this::requireReadable);
    Stream.of(spec.memory(), spec.scratchDisk(), spec.share())
        .flatMap(Optional::stream)
        .forEach(this::requireReadable);
    this.share = spec.share();
    this.network = spec.network();
    attach(Disk.readOnly(Disk.ROOT_UNIT, spec.rootDisk()));
    spec.scratchDisk().ifPresent(file -> attach(Disk.writable(Disk.SCRATCH_UNIT, file)));
    try {
      Files.deleteIfExists(spec.console().log());
      ports =
          List.of(
              new FakePort(spec.ports().agent(), channel -> guest.serve(spec, channel)),
              new FakePort(spec.ports().output(), channel -> guest.serveOutput(spec, channel)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void attach(Disk disk) {
    requireReadable(disk.file());
    if (disks.putIfAbsent(disk.unit(), disk) != null) {
      throw new MachineException(
          Kind.ALREADY_EXISTS,
          "cannot attach "
              + disk.file()
              + " to "
              + spec.name()
              + ": unit "
              + disk.unit()
              + " is taken");
    }
  }

  SizeRange sizes() {
    return spec.sizes();
  }

  MachineSize grow(MachineSize wanted) {
    if (!spec.sizes().reaches(wanted)) {
      throw new MachineException(
          Kind.INVALID,
          "cannot grow %s to %s: %s is the most"
              .formatted(spec.name(), wanted, spec.sizes().most()));
    }
    size = spec.sizes().atLeast(size.union(wanted));
    return size;
  }

  void attachShare(Path folder) {
    requireReadable(folder);
    if (share.isPresent()) {
      throw new MachineException(Kind.ALREADY_EXISTS, spec.name() + " has a share already");
    }
    share = Optional.of(folder);
  }

  void attachNetwork(DomainSpec.NetworkCard card) {
    if (network.isPresent()) {
      throw new MachineException(Kind.ALREADY_EXISTS, spec.name() + " has a network card already");
    }
    network = Optional.of(card);
  }

  /** As much of it as a fake can check on {@link #restored}. */
  void save(Path file) {
    Path memory =
        spec.memory()
            .orElseThrow(
                () ->
                    new MachineException(
                        Kind.INVALID, "cannot save " + spec.name() + ": its memory is no file"));
    if (disks.size() > 1) {
      throw new MachineException(
          Kind.INVALID, "cannot save %s: it has more disks than its root".formatted(spec.name()));
    }
    state = DomainState.PAUSED;
    saved = true;
    try {
      Files.writeString(memory, "memory of " + spec.name());
      Files.writeString(file, FakeHost.STATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void restored(Path file) {
    try {
      if (!Files.readString(file).equals(FakeHost.STATE)) {
        throw new MachineException(Kind.INVALID, file + " is no saved state");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    state = DomainState.PAUSED;
  }

  List<DomainProcess> processes() {
    return List.of(
        new DomainProcess(DomainProcess.Role.QEMU, pid),
        new DomainProcess(DomainProcess.Role.VIRTIOFSD, pid + 1));
  }

  void writeConsole(String text) {
    try (ConsoleLog log = new ConsoleLog(spec.console().log())) {
      log.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireReadable(Path file) {
    if (!Files.isReadable(file)) {
      throw new MachineException(
          Kind.INVALID, "cannot give " + file + " to " + spec.name() + ": it cannot be read");
    }
  }

  @Override
  public void close() {
    ports.forEach(FakePort::close);
  }
}
