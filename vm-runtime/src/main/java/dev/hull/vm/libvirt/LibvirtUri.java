package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where this host's libvirtd listens, by the form of libvirt's connection URIs.
 *
 * @param value {@code qemu:///system}, or {@code qemu+unix:///system?socket=PATH}
 * @param sockets where it may listen: one daemon for all drivers, or one for QEMU's
 * @see <a href="https://libvirt.org/uri.html">libvirt: Connection URIs</a>
 */
public record LibvirtUri(String value, List<Path> sockets) {
  /** libvirt's driver inside this process; not a place where somebody listens. */
  public static final String EMBEDDED = "qemu:///embed";

  private static final List<Path> USUAL_SOCKETS =
      List.of(Path.of("/run/libvirt/libvirt-sock"), Path.of("/run/libvirt/virtqemud-sock"));
  private static final Pattern FORM =
      Pattern.compile("qemu:///system|qemu\\+unix:///system(\\?socket=(/[^?&#%]+))?");

  public LibvirtUri {
    sockets = List.copyOf(sockets);
  }

  /**
   * Reads a URI.
   *
   * @throws MachineException INVALID if it is not this host's: machines have their files, taps and
   *     processes here
   */
  public static LibvirtUri parse(String value) {
    Matcher found = FORM.matcher(value);
    if (!found.matches()) {
      throw new MachineException(
          Kind.INVALID,
          ("cannot use the hypervisor %s: it must be the libvirtd of this host, qemu:///system or"
                  + " qemu+unix:///system?socket=PATH; leave it out for libvirt inside this process")
              .formatted(value));
    }
    String socket = found.group(2);
    return new LibvirtUri(value, socket == null ? USUAL_SOCKETS : List.of(Path.of(socket)));
  }

  /**
   * Whose driver is meant; empty for that inside this process, which is also meant where nothing is
   * said.
   *
   * @throws MachineException as {@link #parse}
   */
  public static Optional<LibvirtUri> optional(String hypervisor) {
    return hypervisor.isEmpty() || hypervisor.equals(EMBEDDED)
        ? Optional.empty()
        : Optional.of(parse(hypervisor));
  }

  /** Where it keeps what it knows of its machines: beside its socket. */
  Path folder() {
    return sockets.getFirst().resolveSibling("qemu");
  }

  @Override
  public String toString() {
    return value;
  }
}
