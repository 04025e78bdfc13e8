package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.acceleration.TinyGuest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Optional;

/** The files that a domain needs, in a folder of its own. */
public final class DomainFiles {
  private final Path folder;
  private final Path kernel;

  public DomainFiles(Path folder, Path kernel) {
    this.folder = folder;
    this.kernel = kernel;
  }

  /** A machine's id that is all {@code digit}s. */
  public static MachineId id(int digit) {
    return new MachineId(HexFormat.of().toHexDigits((byte) digit).substring(1).repeat(64));
  }

  public DomainSpec spec(int digit, TinyGuest.Deed deed) {
    return spec(digit, deed, Optional.empty());
  }

  public DomainSpec spec(int digit, TinyGuest.Deed deed, Optional<DomainSpec.NetworkCard> network) {
    try {
      Path machine = Files.createDirectories(folder.resolve("m" + digit));
      Path share = Files.createDirectories(machine.resolve("share"));
      Path initramfs =
          Files.write(
              machine.resolve("initramfs"), TinyGuest.initramfs("hull-test-init: up", deed));
      Path root = sparse(machine.resolve("root.img"), 1 << 20);
      Path scratch = sparse(machine.resolve("scratch.img"), 1 << 24);
      Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rw-rw-rw-"));
      return new DomainSpec(
          id(digit),
          SizeRange.only(new MachineSize(1, 192)),
          Acceleration.TCG,
          new DomainSpec.Boot(kernel, initramfs, "console=ttyS0 quiet panic=-1"),
          Optional.empty(),
          root,
          Optional.of(scratch),
          DomainSpec.Ports.in(machine),
          new DomainSpec.Console(machine.resolve("console.sock"), machine.resolve("console.log")),
          Optional.of(share),
          network);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One whose memory is a file, and that has nothing that a template lacks. */
  public DomainSpec template(int digit, TinyGuest.Deed deed) {
    DomainSpec whole = spec(digit, deed);
    Path memory = folder.resolve("memory-" + digit);
    try {
      Files.deleteIfExists(memory);
      Files.createFile(memory);
      Files.setPosixFilePermissions(memory, PosixFilePermissions.fromString("rw-rw-rw-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new DomainSpec(
        whole.machine(),
        whole.sizes(),
        whole.acceleration(),
        whole.boot(),
        Optional.of(memory),
        whole.rootDisk(),
        Optional.empty(),
        whole.ports(),
        whole.console(),
        Optional.empty(),
        Optional.empty());
  }

  /** One of so many virtual CPUs. */
  public DomainSpec spec(int digit, TinyGuest.Deed deed, int vcpus) {
    DomainSpec one = spec(digit, deed);
    return with(one, SizeRange.only(new MachineSize(vcpus, one.size().memoryMib())));
  }

  /** The same with another range of sizes. */
  public static DomainSpec with(DomainSpec one, SizeRange sizes) {
    return with(one, sizes, one.acceleration());
  }

  /** The same with another acceleration. */
  public static DomainSpec with(DomainSpec one, Acceleration acceleration) {
    return with(one, one.sizes(), acceleration);
  }

  private static DomainSpec with(DomainSpec one, SizeRange sizes, Acceleration acceleration) {
    return new DomainSpec(
        one.machine(),
        sizes,
        acceleration,
        one.boot(),
        one.memory(),
        one.rootDisk(),
        one.scratchDisk(),
        one.ports(),
        one.console(),
        one.share(),
        one.network());
  }

  public Path file(String name) {
    return folder.resolve(name);
  }

  public Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  public Path disk(String name) {
    return sparse(folder.resolve(name), 1 << 20);
  }

  private static Path sparse(Path path, long bytes) {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(bytes);
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
