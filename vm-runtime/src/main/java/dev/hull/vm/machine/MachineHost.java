package dev.hull.vm.machine;

import dev.hull.vm.capacity.Admission;
import dev.hull.vm.hypervisor.Hypervisor;
import dev.hull.vm.network.Network;
import dev.hull.vm.replica.FolderWatcher;
import dev.hull.vm.share.Mounts;
import dev.hull.vm.template.MemoryFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * What machines take from their host; each part has a fake.
 *
 * @param random feeds the guests' entropy, so it must be a secure one outside of tests
 */
public record MachineHost(
    Hypervisor hypervisor,
    Network network,
    Mounts mounts,
    FolderWatcher watcher,
    Admission admission,
    Scratch scratch,
    Nodes nodes,
    MemoryFiles memory,
    Clock clock,
    RandomGenerator random) {
  /** Makes the disk for writable layers; {@link dev.hull.vm.disk.ScratchDisk#make} does. */
  @FunctionalInterface
  public interface Scratch {
    void make(Path file, long bytes);
  }

  /**
   * Makes the nodes by which QEMU opens block devices; {@link dev.hull.vm.disk.DeviceNode} does.
   */
  @FunctionalInterface
  public interface Nodes {
    void make(Path node, Path device, boolean readOnly);
  }
}
