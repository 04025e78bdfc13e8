package dev.hull.cri.host;

import java.nio.file.Path;
import java.util.Optional;

/** Starts the daemon inside this process. */
public interface DaemonProvider {
  /**
   * Adopts what is under the root, then serves CRI on the socket. Returns when calls are answered.
   *
   * @throws HostException if it cannot start; the message is a sentence with the remedy
   */
  Daemon start(Options options) throws HostException;

  /**
   * A settings file that has every setting, with what it means and its default, and changes none.
   */
  String defaultConfig();

  /**
   * How to start it.
   *
   * @param socket of mode 0660; an earlier daemon's leftover is replaced, a living daemon's is an
   *     error
   * @param root everything that the daemon keeps
   * @param guestImage the folder that images/guest made
   * @param hypervisor a libvirt URI; empty for the embedded driver under {@code root}
   * @param standing whether it is to last, so that it pays to prepare for pods to come
   * @param config the settings file; {@code hull.yaml} under {@code root}, if that is there, unless
   *     one is named
   */
  record Options(
      Path socket,
      Path root,
      Path guestImage,
      String hypervisor,
      boolean standing,
      Optional<Path> config) {
    public Options(Path socket, Path root, Path guestImage, String hypervisor, boolean standing) {
      this(socket, root, guestImage, hypervisor, standing, Optional.empty());
    }
  }

  /** A daemon that serves. Closing it finishes calls under way and leaves the machines running. */
  interface Daemon extends AutoCloseable {
    void awaitTermination() throws InterruptedException;

    @Override
    void close();
  }
}
