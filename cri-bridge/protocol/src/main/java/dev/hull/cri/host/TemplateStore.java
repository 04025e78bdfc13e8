package dev.hull.cri.host;

import java.time.Instant;
import java.util.List;

/**
 * The templates of this host: machines booted once and saved, of which pods' machines are copies.
 */
public interface TemplateStore {
  /**
   * A template.
   *
   * @param id names it
   * @param guestImage the version of what was booted
   * @param dataBytes what a copy takes
   */
  record Entry(
      String id, int vcpus, int memoryMib, String guestImage, long dataBytes, Instant madeAt) {}

  /** All that are complete, also those that no daemon of this release uses any more. */
  List<Entry> list() throws HostException;

  /**
   * Makes the template of the machine that a pod without limits gets, unless it is there. Takes as
   * long as a machine's boot and some seconds.
   *
   * @param options of the daemon that is to use it; its root is used for the making alone
   * @return whether it is there now; if not, the log says why
   */
  boolean build(DaemonProvider.Options options) throws HostException;

  /** False if there is none of that name. Machines that are copies of it run on. */
  boolean remove(String id) throws HostException;
}
