package dev.hull.cri.doctor;

import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.Doctor.Check;
import dev.hull.cri.host.Doctor.Verdict;
import dev.hull.vm.MachineException;
import dev.hull.vm.libvirt.LibvirtUri;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The checks, in the order in which a person would mend what they find. */
final class Checks {
  private static final int JAVA = 25;
  private static final int QEMU = 7;
  private static final long MIB = 1024L * 1024;
  private static final long GIB = 1024 * MIB;
  private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)");
  private static final Path CNI = Path.of("/usr/lib/cni");
  private static final List<String> CNI_PLUGINS =
      List.of("bridge", "host-local", "loopback", "portmap");
  private static final List<String> GUEST_FILES =
      List.of("vmlinux", "initramfs", "root.erofs", "guest-image.properties");
  private static final List<Path> VIRTIOFSD =
      List.of(Path.of("/usr/lib/qemu/virtiofsd"), Path.of("/usr/libexec/virtiofsd"));
  private static final List<Path> QEMU_DRIVERS =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so"),
          Path.of("/usr/lib64/libvirt/connection-driver/libvirt_driver_qemu.so"),
          Path.of("/usr/lib/libvirt/connection-driver/libvirt_driver_qemu.so"));

  /** All of them; only the acceleration may need more than a look. */
  static final List<BiFunction<Host, DaemonProvider.Options, Check>> ALL =
      List.of(
          (host, _) -> java(host),
          (host, _) -> root(host),
          (host, _) -> qemu(host),
          (host, options) -> libvirt(host, options.hypervisor()),
          (host, _) -> virtiofsd(host),
          (host, options) -> guestImage(host, options.guestImage()),
          (host, options) -> acceleration(host, options.guestImage()),
          (host, _) -> cni(host),
          (host, _) -> packetFilter(host),
          (host, _) -> command(host, "ip", "ip", "iproute2"),
          (host, _) -> command(host, "mkfs.ext4", "mkfs.ext4", "e2fsprogs"),
          (host, _) -> user(host),
          (host, _) -> namespaces(host),
          (host, options) -> disk(host, options.root()),
          (host, _) -> memory(host));

  private Checks() {}

  static Check java(Host host) {
    int found = host.javaFeatureVersion();
    return found >= JAVA
        ? good("JDK", "Java " + found)
        : missing(
            "JDK",
            "Java " + found,
            "install a JDK %d or newer, and set JAVA_HOME to it".formatted(JAVA));
  }

  static Check root(Host host) {
    return host.effectiveUid() == 0
        ? good("root", "this is root")
        : missing("root", "user " + host.effectiveUid(), "run it as root: sudo ./hull …");
  }

  static Check qemu(Host host) {
    String name = "QEMU";
    String remedy = "apt-get install qemu-system-x86";
    Optional<Path> found = host.find("qemu-system-x86_64");
    if (found.isEmpty()) {
      return missing(name, "qemu-system-x86_64 is not on the PATH", remedy);
    }
    String version = host.run(List.of(found.get().toString(), "--version")).orElse("");
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.find()) {
      return missing(name, found.get() + " does not say its version", remedy);
    }
    String is = found.get() + ", version " + matcher.group(1) + "." + matcher.group(2);
    return Integer.parseInt(matcher.group(1)) >= QEMU
        ? good(name, is)
        : missing(name, is, "install QEMU " + QEMU + ".0 or newer");
  }

  static Check libvirt(Host host, String hypervisor) {
    String name = "libvirt";
    try {
      return LibvirtUri.optional(hypervisor)
          .map(uri -> libvirtd(host, name, uri))
          .orElseGet(() -> driver(host, name));
    } catch (MachineException e) {
      return missing(name, e.getMessage(), "give another --hypervisor");
    }
  }

  private static Check driver(Host host, String name) {
    return QEMU_DRIVERS.stream()
        .filter(host::isFile)
        .findFirst()
        .map(driver -> good(name, driver.toString()))
        .orElseGet(
            () ->
                missing(
                    name,
                    "the QEMU driver library is not there",
                    "apt-get install libvirt-daemon libvirt-daemon-driver-qemu libvirt0"));
  }

  private static Check libvirtd(Host host, String name, LibvirtUri uri) {
    return uri.sockets().stream()
        .filter(host::exists)
        .findFirst()
        .map(socket -> good(name, "libvirtd at " + socket))
        .orElseGet(
            () ->
                missing(
                    name,
                    "no libvirtd listens at " + uri.sockets().getFirst(),
                    "apt-get install libvirt-daemon-system, systemctl start libvirtd"));
  }

  static Check virtiofsd(Host host) {
    return VIRTIOFSD.stream()
        .filter(host::isExecutable)
        .findFirst()
        .or(() -> host.find("virtiofsd"))
        .map(found -> good("virtiofsd", found.toString()))
        .orElseGet(
            () -> missing("virtiofsd", "it is not there", "apt-get install qemu-system-common"));
  }

  /** TCG is no more than a warning: all works, slowly. */
  static Check acceleration(Host host, Path guestImage) {
    String name = "acceleration";
    if (guestImage(host, guestImage).verdict() != Verdict.GOOD) {
      return new Check(
          name,
          Verdict.WARNING,
          "not known: there is no guest image to boot",
          "make the guest image, as said above");
    }
    Host.Acceleration found = host.acceleration(guestImage);
    return found.hardware()
        ? good(name, "KVM: " + found.reason())
        : new Check(
            name,
            Verdict.WARNING,
            // QEMU's last words may be many lines; the first says what, and the log has them all.
            "software emulation (TCG), ten times slower: "
                + found.reason().lines().findFirst().orElse(""),
            found.remedy());
  }

  static Check guestImage(Host host, Path folder) {
    return GUEST_FILES.stream()
        .filter(file -> !host.isFile(folder.resolve(file)))
        .findFirst()
        .map(
            file ->
                missing(
                    "guest image",
                    folder.resolve(file) + " is not there",
                    "run ./hull demo or ./hull test once, which make it"))
        .orElseGet(() -> good("guest image", folder.toString()));
  }

  static Check cni(Host host) {
    return CNI_PLUGINS.stream()
        .filter(plugin -> !host.isExecutable(CNI.resolve(plugin)))
        .findFirst()
        .map(
            plugin ->
                missing(
                    "CNI plugins",
                    CNI.resolve(plugin) + " is not there",
                    "apt-get install containernetworking-plugins"))
        .orElseGet(() -> good("CNI plugins", CNI.toString()));
  }

  static Check packetFilter(Host host) {
    return host.find("iptables")
        .or(() -> host.find("nft"))
        .map(found -> good("packet filter", found.toString()))
        .orElseGet(
            () ->
                missing(
                    "packet filter",
                    "neither iptables nor nft is on the PATH",
                    "apt-get install iptables"));
  }

  private static Check command(Host host, String name, String command, String debianPackage) {
    return host.find(command)
        .map(found -> good(name, found.toString()))
        .orElseGet(
            () -> missing(name, "it is not on the PATH", "apt-get install " + debianPackage));
  }

  static Check user(Host host) {
    return host.userExists("hull-qemu")
        ? good("QEMU's user", "hull-qemu")
        : new Check(
            "QEMU's user",
            Verdict.WARNING,
            "there is no user hull-qemu, so QEMU is not confined to one of its own",
            "useradd --system --no-create-home --shell /usr/sbin/nologin hull-qemu");
  }

  static Check namespaces(Host host) {
    return host.run(List.of("unshare", "--mount", "--net", "--pid", "--fork", "true")).isPresent()
        ? good("namespaces", "mount, network and PID namespaces can be made")
        : missing(
            "namespaces",
            "unshare(1) cannot make mount, network and PID namespaces",
            "run it as root, and if this is a container itself, as a privileged one");
  }

  static Check disk(Host host, Path root) {
    Optional<Long> free = host.freeDiskBytes(root);
    String found =
        free.map(bytes -> bytes / MIB + " MiB are free under " + root)
            .orElse("the free space under " + root + " cannot be read");
    if (free.isPresent() && free.get() >= 4 * GIB) {
      return good("disk", found);
    }
    return new Check(
        "disk",
        free.isPresent() && free.get() < GIB ? Verdict.MISSING : Verdict.WARNING,
        found,
        "free some, or give another --root: images and pods want 4 GiB or more");
  }

  static Check memory(Host host) {
    Optional<Long> available = host.availableMemoryBytes();
    String found =
        available
            .map(bytes -> bytes / MIB + " MiB are available")
            .orElse("the available memory cannot be read");
    if (available.isPresent() && available.get() >= 2 * GIB) {
      return good("memory", found);
    }
    return new Check(
        "memory",
        available.isPresent() && available.get() < 700 * MIB ? Verdict.MISSING : Verdict.WARNING,
        found,
        "end something, or give pods smaller limits: a pod without limits takes 512 MiB");
  }

  private static Check good(String name, String found) {
    return new Check(name, Verdict.GOOD, found, "");
  }

  private static Check missing(String name, String found, String remedy) {
    return new Check(name, Verdict.MISSING, found, remedy);
  }
}
