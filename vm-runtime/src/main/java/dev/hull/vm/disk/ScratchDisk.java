package dev.hull.vm.disk;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The disk for the containers' writable layers: ext4 in a sparse file, which takes what is written
 * to it and no more.
 *
 * @param mkfs the program {@code mkfs.ext4}
 * @param owner QEMU's user, who writes the file
 */
public record ScratchDisk(Path mkfs, String owner) {
  private static final long MKFS_SECONDS = 30;
  private static final long MIN_BYTES = 16L * 1024 * 1024;

  /** With the program where Debian has it. */
  public static ScratchDisk ownedBy(String user) {
    return new ScratchDisk(Path.of("/usr/sbin/mkfs.ext4"), user);
  }

  /**
   * Makes the file anew. EXHAUSTED if the host's disk is full, INVALID below 16 MiB, UNAVAILABLE
   * without mkfs.ext4. On failure no file is left.
   */
  public void make(Path file, long bytes) {
    if (bytes < MIN_BYTES) {
      throw new MachineException(
          Kind.INVALID,
          "cannot make a scratch disk of %d bytes: it must have at least %d"
              .formatted(bytes, MIN_BYTES));
    }
    if (!Files.isExecutable(mkfs)) {
      throw new MachineException(Kind.UNAVAILABLE, "cannot find " + mkfs + "; install e2fsprogs");
    }
    try {
      Files.deleteIfExists(file);
      try (var channel =
          Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        channel.position(bytes - 1);
        channel.write(java.nio.ByteBuffer.allocate(1));
      }
      format(file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Files.setOwner(
          file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
    } catch (IOException e) {
      throw undo(file, failure(file, bytes, e));
    } catch (MachineException e) {
      throw undo(file, e);
    }
  }

  /**
   * No journal and no check at mount: the disk does not outlive its machine. Inode tables are left
   * unwritten, so that the file stays small.
   */
  private void format(Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    mkfs.toString(),
                    "-q",
                    "-F",
                    "-m",
                    "0",
                    "-O",
                    "^has_journal",
                    "-E",
                    "lazy_itable_init=1,nodiscard",
                    file.toString()))
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().close();
      boolean ended = process.waitFor(MKFS_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        throw new MachineException(
            Kind.DEADLINE,
            "mkfs.ext4 of %s has not ended after %d s".formatted(file, MKFS_SECONDS));
      }
      if (process.exitValue() != 0) {
        String words =
            new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
        throw new IOException("mkfs.ext4 ended with " + process.exitValue() + ": " + words);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(Kind.UNAVAILABLE, "interrupted while making " + file, e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static MachineException failure(Path file, long bytes, IOException e) {
    String reason = String.valueOf(e.getMessage());
    long free = -1;
    try {
      free = Files.getFileStore(file.getParent()).getUsableSpace();
    } catch (IOException ignored) {
      // The numbers are a courtesy; the first failure is what counts.
    }
    boolean full = free == 0 || reason.contains("No space left");
    return new MachineException(
        full ? Kind.EXHAUSTED : Kind.INTERNAL,
        "cannot make the scratch disk %s of %d bytes: %s; %d bytes are free there"
            .formatted(file, bytes, reason, free),
        e);
  }

  private static MachineException undo(Path file, MachineException failure) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }
}
