package dev.hull.vm.disk;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A second node of a block device, by which QEMU opens it: QEMU's user may, and the host's own node
 * stays as it is. Whoever has the device open keeps it when the node goes.
 *
 * @param owner QEMU's user
 */
public record DeviceNode(String owner) {
  private static final int S_IFMT = 0xf000;
  private static final int S_IFBLK = 0x6000;

  private interface LibC extends Library {
    // SAFETY: the string is copied by JNA for the call.
    int mknod(String path, int mode, long device) throws LastErrorException;
  }

  /**
   * Makes the node anew. INVALID if {@code device} is no block device or the node's file system
   * does not let devices be opened. On failure there is no node.
   *
   * @param readOnly whether the owner may only read
   */
  public void make(Path node, Path device, boolean readOnly) {
    try {
      Files.deleteIfExists(node);
      // Nobody's until it has its owner.
      Native.load("c", LibC.class).mknod(node.toString(), S_IFBLK, number(device));
      Files.setOwner(
          node, node.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
      Files.setPosixFilePermissions(
          node, PosixFilePermissions.fromString(readOnly ? "r--------" : "rw-------"));
      demandOpens(node, device);
    } catch (MachineException e) {
      throw undo(node, e);
    } catch (IOException e) {
      throw undo(
          node,
          new MachineException(
              Kind.INTERNAL, "cannot make the node %s of %s: %s".formatted(node, device, e), e));
    } catch (LastErrorException e) {
      throw undo(
          node,
          new MachineException(
              Kind.INTERNAL,
              "cannot make the node %s of %s: errno %d".formatted(node, device, e.getErrorCode()),
              e));
    }
  }

  private static long number(Path device) throws IOException {
    var attributes = Files.readAttributes(device, "unix:mode,rdev");
    if (attributes.get("mode") instanceof Integer mode
        && (mode & S_IFMT) == S_IFBLK
        && attributes.get("rdev") instanceof Long number) {
      return number;
    }
    throw new MachineException(
        Kind.INVALID, "cannot plug in %s: it is no block device".formatted(device));
  }

  /** QEMU would only say that it may not. */
  private static void demandOpens(Path node, Path device) throws IOException {
    try (var channel = Files.newByteChannel(node, StandardOpenOption.READ)) {
      channel.position();
    } catch (AccessDeniedException e) {
      throw new MachineException(
          Kind.INVALID,
          "cannot plug in %s: the file system of %s does not let devices be opened; mount it without nodev"
              .formatted(device, node.getParent()),
          e);
    }
  }

  /** Does nothing if there is none. */
  public static void remove(Path node) {
    try {
      Files.deleteIfExists(node);
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot remove " + node, e);
    }
  }

  private static MachineException undo(Path node, MachineException failure) {
    try {
      remove(node);
    } catch (MachineException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }
}
