package dev.hull.cli.volume;

import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.pod.Volume.HostPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether what a hostPath names is there, and of the kind that it demands. */
final class HostPaths {
  private static final int FOLDER_MODE = 0755;

  private HostPaths() {}

  static void check(HostPath volume) throws IOException {
    Path path = Path.of(volume.path());
    switch (volume.type()) {
      case UNCHECKED -> {
        if (!Files.exists(path)) {
          throw failure(volume, "does not exist; create it, or write type: DirectoryOrCreate");
        }
        if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
          throw failure(volume, "is neither file nor folder; others do not cross into a machine");
        }
      }
      case DIRECTORY -> {
        if (!Files.isDirectory(path)) {
          throw failure(volume, "is not a folder, as type: Directory demands");
        }
      }
      case FILE -> {
        if (!Files.isRegularFile(path)) {
          throw failure(volume, "is not a file, as type: File demands");
        }
      }
      case DIRECTORY_OR_CREATE -> {
        if (!Files.exists(path)) {
          PodFolder.makeFolder(path, FOLDER_MODE);
        } else if (!Files.isDirectory(path)) {
          throw failure(volume, "exists and is not a folder");
        }
      }
      case FILE_OR_CREATE -> {
        if (!Files.exists(path)) {
          Files.createFile(path);
        } else if (!Files.isRegularFile(path)) {
          throw failure(volume, "exists and is not a file");
        }
      }
    }
  }

  private static IOException failure(HostPath volume, String what) {
    return new IOException("volume " + volume.name() + ": " + volume.path() + " " + what);
  }
}
