package dev.hull.vm.hypervisor;

import java.nio.file.Path;

/**
 * A disk of a domain: the guest finds it at SCSI address {@code 0:0:unit} of the first virtio-scsi
 * controller. Its files must be readable (and, unless {@code readOnly}, writable) by QEMU's user;
 * their owner is never changed, for many domains may read one file.
 *
 * @param unit 0 to 255; 0 is the guest's root, 1 the scratch disk, images come from 2 on
 */
public record Disk(int unit, Path file, Format format, boolean readOnly) {
  /** The unit of the guest's root disk. */
  public static final int ROOT_UNIT = 0;

  /** The unit of the disk for the containers' writable layers. */
  public static final int SCRATCH_UNIT = 1;

  /** The first unit for images; the last is {@link #LAST_UNIT}. */
  public static final int FIRST_IMAGE_UNIT = 2;

  /** Addresses above need another way of numbering, which the guest's kernel scans differently. */
  public static final int LAST_UNIT = 255;

  /** What is in the file. */
  public enum Format {
    /** The disk's bytes. */
    RAW,
    /** A text that names the files whose bytes make up the disk. */
    VMDK,
    /** A block device's node. */
    DEVICE
  }

  public Disk {
    if (unit < 0 || unit > LAST_UNIT) {
      throw new IllegalArgumentException("unit must be 0 to 255: " + unit);
    }
    if (!file.isAbsolute()) {
      throw new IllegalArgumentException("a disk's file must be an absolute path: " + file);
    }
  }

  /** An image as {@code dev.hull.vm.disk} describes it: read-only. */
  public static Disk vmdk(int unit, Path descriptor) {
    return new Disk(unit, descriptor, Format.VMDK, true);
  }

  /** A block device, as {@code dev.hull.vm.disk} makes a node of it. */
  public static Disk device(int unit, Path node, boolean readOnly) {
    return new Disk(unit, node, Format.DEVICE, readOnly);
  }

  public static Disk readOnly(int unit, Path file) {
    return new Disk(unit, file, Format.RAW, true);
  }

  public static Disk writable(int unit, Path file) {
    return new Disk(unit, file, Format.RAW, false);
  }
}
