package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Everything that a domain is made of. All paths are absolute.
 *
 * @param machine name and UUID derive from it
 * @param sizes what it starts with, and how far it can grow
 * @param rootDisk the guest's read-only root image; shared by all domains
 * @param memory the file that is the guest's memory, as large as that and writable by QEMU's user;
 *     empty for memory without a name
 * @param scratchDisk a raw file of this domain alone, writable by QEMU's user; empty if one is to
 *     be attached later
 * @param ports where QEMU is to listen for the one who talks to the agent; whatever is there is
 *     replaced
 * @param console where the guest's serial console goes
 * @param share the folder that the guest mounts by the tag {@value #SHARE_TAG}; empty as above
 * @param network empty for a domain without a network card, or to which one is attached later
 */
public record DomainSpec(
    MachineId machine,
    SizeRange sizes,
    Acceleration acceleration,
    Boot boot,
    Optional<Path> memory,
    Path rootDisk,
    Optional<Path> scratchDisk,
    Ports ports,
    Console console,
    Optional<Path> share,
    Optional<NetworkCard> network) {

  /** The virtiofs tag of the share. */
  public static final String SHARE_TAG = "hull";

  public DomainSpec {
    requireAbsolute(rootDisk);
    memory.ifPresent(DomainSpec::requireAbsolute);
    scratchDisk.ifPresent(DomainSpec::requireAbsolute);
    share.ifPresent(DomainSpec::requireAbsolute);
  }

  /**
   * The Unix sockets of the virtio-serial ports that the agent opens, each for one connection at a
   * time.
   *
   * @param agent the port {@value #AGENT}, for the agent's protocol
   * @param output the port {@value #OUTPUT}, for what processes say
   */
  public record Ports(Path agent, Path output) {
    /** The name of the port for the agent's protocol. */
    public static final String AGENT = "dev.hull.agent.0";

    /** The name of the port for what processes say. */
    public static final String OUTPUT = "dev.hull.output.0";

    public Ports {
      requireSocketPath(agent);
      requireSocketPath(output);
    }

    /** In a folder. */
    public static Ports in(Path folder) {
      return new Ports(folder.resolve("agent.sock"), folder.resolve("output.sock"));
    }
  }

  /** What it starts with. */
  public MachineSize size() {
    return sizes.least();
  }

  public DomainName name() {
    return DomainName.of(machine);
  }

  /** The first 128 bits of the machine's id. */
  public UUID uuid() {
    BigInteger bits = new BigInteger(machine.value().substring(0, 32), 16);
    return new UUID(bits.shiftRight(Long.SIZE).longValue(), bits.longValue());
  }

  /** What QEMU loads: an uncompressed kernel with a PVH entry, and its first file system. */
  public record Boot(Path kernel, Path initramfs, String commandLine) {
    public Boot {
      requireAbsolute(kernel);
      requireAbsolute(initramfs);
    }
  }

  /**
   * The serial console. QEMU listens on {@code socket}, the hypervisor reads it and keeps the last
   * part in {@code log}, which never grows beyond {@link ConsoleLog#MAX_BYTES}.
   */
  public record Console(Path socket, Path log) {
    public Console {
      requireSocketPath(socket);
      requireAbsolute(log);
    }
  }

  /**
   * The guest's network card, behind a tap device that exists already in the host's namespace. It
   * may be moved to another namespace as soon as the domain has been started.
   *
   * @param tap at most 15 characters
   * @param mac six hexadecimal pairs with colons, unicast
   */
  public record NetworkCard(String tap, String mac, int mtu) {
    private static final Pattern TAP = Pattern.compile("[A-Za-z0-9_.-]{1,15}");
    private static final Pattern MAC =
        Pattern.compile("[0-9a-f][02468ace](:[0-9a-f]{2}){5}", Pattern.CASE_INSENSITIVE);

    public NetworkCard {
      if (!TAP.matcher(tap).matches()) {
        throw new IllegalArgumentException("not a name for a network device: " + tap);
      }
      if (!MAC.matcher(mac).matches()) {
        throw new IllegalArgumentException("not a unicast MAC address: " + mac);
      }
      if (mtu < 68 || mtu > 65535) {
        throw new IllegalArgumentException("mtu must be 68 to 65535: " + mtu);
      }
    }
  }

  private static void requireAbsolute(Path path) {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("must be an absolute path: " + path);
    }
  }

  /** sun_path holds 108 bytes, the terminating zero included (unix(7)). */
  private static void requireSocketPath(Path path) {
    requireAbsolute(path);
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > 107) {
      throw new IllegalArgumentException(
          "the path of a Unix socket is longer than 107 bytes; use a shorter root folder: " + path);
    }
  }
}
