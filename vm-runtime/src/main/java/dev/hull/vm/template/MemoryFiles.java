package dev.hull.vm.template;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The files that are guests' memory. They are named in a folder in memory only until QEMU has them
 * open; then they go with QEMU.
 *
 * @param folder a file system in memory
 * @param user QEMU's
 */
public record MemoryFiles(Path folder, String user) {
  /** Where Linux keeps shared memory that has a name (shm_overview(7)). */
  public static final Path SHARED_MEMORY = Path.of("/dev/shm");

  public Path of(DomainName name) {
    return folder.resolve(name.value());
  }

  /** Makes an empty one, of QEMU's user alone. */
  public Path create(DomainName name) {
    Path file = of(name);
    try {
      Files.deleteIfExists(file);
      Files.newByteChannel(
              file,
              java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
          .close();
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
