package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import org.libvirt.Connect;

/** A connection to libvirt's QEMU driver, wherever that runs. Thread-safe. */
interface Connection extends AutoCloseable {
  /**
   * What calls go to.
   *
   * @throws MachineException UNAVAILABLE while there is none
   */
  Connect get();

  /** The end of domains is told no longer; nothing of libvirt's is given back. */
  @Override
  void close();
}
