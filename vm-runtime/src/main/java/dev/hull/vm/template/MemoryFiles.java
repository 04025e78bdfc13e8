package dev.hull.vm.template;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The files that are guests' memory. They are named in a folder in memory only until QEMU has them
 * open; then they go with QEMU. The folder is root's: QEMU's user opens files in it and can put
 * nothing in their place.
 *
 * @param folder in a file system in memory
 * @param user QEMU's
 */
public record MemoryFiles(Path folder, String user) {
  /** Where Linux keeps shared memory that has a name (shm_overview(7)). */
  public static final Path SHARED_MEMORY = Path.of("/dev/shm/hull");

  public Path of(DomainName name) {
    return folder.resolve(name.value());
  }

  /**
   * Makes one that is all holes, of QEMU's user alone. EXHAUSTED if the file system could not hold
   * all of the guest's memory: a guest that touched more than it has room for would die.
   */
  public Path create(DomainName name, int memoryMib) {
    Path file = of(name);
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      long freeMib = Files.getFileStore(folder).getUsableSpace() >> 20;
      if (freeMib < memoryMib) {
        throw new MachineException(
            Kind.EXHAUSTED,
            "cannot make a memory file of %d MiB in %s: %d MiB are free; mount a larger tmpfs there"
                .formatted(memoryMib, folder, freeMib));
      }
      Files.deleteIfExists(file);
      try (SeekableByteChannel memory =
          Files.newByteChannel(
              file,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        memory.position(((long) memoryMib << 20) - 1);
        memory.write(ByteBuffer.allocate(1));
      }
      Files.setOwner(
          file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
      return file;
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot make the memory file " + file, e);
    }
  }

  /** Does nothing if there is none. */
  public void delete(DomainName name) {
    try {
      Files.deleteIfExists(of(name));
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot delete the memory file " + of(name), e);
    }
  }
}
