package dev.hull.vm.disk;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * One disk out of an image's layer files, without copying them: a VMDK descriptor of flat extents
 * that names a small file with the partition table's head, the layers, and a file with its tail.
 * Partition n is layer n, the lowest first, counted from 1.
 */
public final class ImageDisk {
  private ImageDisk() {}

  /**
   * Writes {@code name.vmdk}, {@code name.head} and {@code name.tail} into {@code folder},
   * replacing what is there, and returns the first: what {@link dev.hull.vm.hypervisor.Disk#vmdk}
   * wants. All are readable by everybody; the folder must let QEMU's user through. Not synced to
   * the disk, for they can be made again at any time. INVALID if a layer is missing, or not a whole
   * number of sectors, or if there are too many.
   *
   * @param layers absolute, lowest first, 1 to {@value Gpt#MAX_PARTITIONS}
   */
  public static Path write(Path folder, String name, List<Path> layers) {
    if (layers.isEmpty() || layers.size() > Gpt.MAX_PARTITIONS) {
      throw new MachineException(
          Kind.INVALID,
          "cannot make disk %s: an image must have 1 to %d layers, and this one has %d"
              .formatted(name, Gpt.MAX_PARTITIONS, layers.size()));
    }
    List<Long> sectors = new ArrayList<>();
    for (Path layer : layers) {
      sectors.add(sectors(name, layer));
    }
    Gpt table = new Gpt(sectors);
    Path descriptor = folder.resolve(name + ".vmdk");
    Path head = folder.resolve(name + ".head");
    Path tail = folder.resolve(name + ".tail");
    StringBuilder extents = new StringBuilder();
    extent(extents, Gpt.HEAD_SECTORS, head);
    for (int i = 0; i < layers.size(); i++) {
      extent(extents, sectors.get(i), layers.get(i));
    }
    extent(extents, Gpt.TAIL_SECTORS, tail);
    try {
      publish(head, table.head());
      publish(tail, table.tail());
      publish(descriptor, descriptor(extents).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot write disk %s in %s: %s".formatted(name, folder, e), e);
    }
    return descriptor;
  }

  /** Removes what {@link #write} made; does nothing if it is not there. */
  public static void remove(Path folder, String name) {
    try {
      for (String suffix : List.of(".vmdk", ".head", ".tail")) {
        Files.deleteIfExists(folder.resolve(name + suffix));
      }
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot remove disk %s in %s: %s".formatted(name, folder, e), e);
    }
  }

  private static long sectors(String name, Path layer) {
    String path = layer.toString();
    if (!layer.isAbsolute() || path.chars().anyMatch(c -> c == '"' || c == '\n' || c == '\r')) {
      throw new MachineException(
          Kind.INVALID,
          "cannot make disk %s: not a usable path of a layer: %s".formatted(name, path));
    }
    long bytes;
    try {
      bytes = Files.size(layer);
    } catch (IOException e) {
      throw new MachineException(
          Kind.INVALID,
          "cannot make disk %s: layer %s cannot be read: %s".formatted(name, layer, e),
          e);
    }
    if (bytes == 0 || bytes % Gpt.SECTOR_BYTES != 0) {
      throw new MachineException(
          Kind.INVALID,
          "cannot make disk %s: layer %s has %d bytes, which is no whole number of sectors; pull the image again"
              .formatted(name, layer, bytes));
    }
    return bytes / Gpt.SECTOR_BYTES;
  }

  private static void extent(StringBuilder extents, long sectors, Path file) {
    extents.append("RW %d FLAT \"%s\" 0\n".formatted(sectors, file.toAbsolutePath()));
  }

  /** QEMU 7.2 takes the first extent twice if a blank line stands before it. */
  private static String descriptor(StringBuilder extents) {
    return """
        # Disk DescriptorFile
        version=1
        CID=fffffffe
        parentCID=ffffffff
        createType="twoGbMaxExtentFlat"
        # Extent description
        %s# The Disk Data Base
        ddb.virtualHWVersion = "4"
        ddb.geometry.cylinders = "1"
        ddb.geometry.heads = "16"
        ddb.geometry.sectors = "63"
        ddb.adapterType = "lsilogic"
        """
        .formatted(extents);
  }

  private static void publish(Path file, byte[] content) throws IOException {
    Files.write(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }
}
