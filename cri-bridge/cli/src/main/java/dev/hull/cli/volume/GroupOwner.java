package dev.hull.cli.volume;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Gives a volume to a group, as {@code fsGroup} wants it: all of it may be read and written by the
 * group, and what is made in its root belongs to the group too. It goes from folder to folder by
 * open folders and follows no link, for what is in a claim was made by containers, and some may
 * still run.
 */
final class GroupOwner {
  private static final int ROOT_BITS = 02070;
  private final GroupPrincipal group;
  private final long id;

  GroupOwner(Path volume, long id) throws IOException {
    this.id = id;
    this.group =
        volume
            .getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByGroupName(Long.toString(id));
  }

  /**
   * Does it.
   *
   * @param onlyOnMismatch does nothing if the root of the volume is right already
   */
  void own(Path volume, boolean onlyOnMismatch) throws IOException {
    int mode = (Integer) Files.getAttribute(volume, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    int owner = (Integer) Files.getAttribute(volume, "unix:gid", LinkOption.NOFOLLOW_LINKS);
    if (onlyOnMismatch && owner == id && (mode & ROOT_BITS) == ROOT_BITS) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(volume)) {
      if (!(entries instanceof SecureDirectoryStream<Path> secure)) {
        throw new IOException(volume + " is on a file system without open folders");
      }
      below(secure);
    }
    Files.setAttribute(volume, "unix:gid", (int) id, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(volume, "unix:mode", (mode & 07777) | ROOT_BITS);
  }

  private void below(SecureDirectoryStream<Path> folder) throws IOException {
    for (Path entry : folder) {
      Path name = entry.getFileName();
      PosixFileAttributeView view =
          folder.getFileAttributeView(
              name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      PosixFileAttributes attributes = view.readAttributes();
      if (attributes.isDirectory()) {
        try (SecureDirectoryStream<Path> inner =
            folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
          below(inner);
        }
      }
      // Links have no rights of their own; to open a pipe would wait for its other end.
      if (attributes.isDirectory() || attributes.isRegularFile()) {
        Set<PosixFilePermission> bits = EnumSet.copyOf(attributes.permissions());
        bits.add(PosixFilePermission.GROUP_READ);
        bits.add(PosixFilePermission.GROUP_WRITE);
        if (attributes.isDirectory()) {
          bits.add(PosixFilePermission.GROUP_EXECUTE);
        }
        view.setGroup(group);
        view.setPermissions(bits);
      }
    }
  }
}
