package dev.hull.vm.libvirt;

import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** How libvirt is told what a domain is made of. Pure. */
final class DomainXml {
  static final String NAMESPACE = "urn:dev.hull:domain:1";

  /** The attribute that says whose a domain is, for a libvirtd may have those of several roots. */
  static final String OWNER = "owner";

  private static final String QEMU_NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0";

  /** Share, disks, agent, balloon, random numbers, network, and two to plug something in later. */
  private static final int ROOT_PORTS = 8;

  private static final int SHARE_QUEUE = 1024;

  /** How often memory can be plugged in; virtiofsd maps at most 32 pieces (libvhost-user). */
  static final int MEMORY_SLOTS = 16;

  private final Path owner;
  private final Path emulator;
  private final Path virtiofsd;
  private final String user;
  private final List<String> confinements;

  /**
   * @param owner the driver's folder of whoever makes the domains
   * @param user whom QEMU runs as, whatever the driver's configuration says
   * @param confinements of the driver, which are switched off: their policies do not know our
   *     folders
   */
  DomainXml(Path owner, Path emulator, Path virtiofsd, String user, List<String> confinements) {
    this.owner = owner;
    this.emulator = emulator;
    this.virtiofsd = virtiofsd;
    this.user = user;
    this.confinements = List.copyOf(confinements);
  }

  /** One that boots. */
  String domain(DomainSpec spec) {
    return domain(spec, boot(spec.boot()), List.of());
  }

  /**
   * One that waits for the state of another. QEMU need not load a kernel for it: the one that has
   * booted is in the memory that it gets.
   */
  String incoming(DomainSpec spec) {
    return domain(spec, machine(), List.of("-incoming", "defer"));
  }

  /** What of a domain its guest can see, and no names. */
  String shape(DomainSpec spec) {
    DomainSpec.Console console =
        new DomainSpec.Console(Path.of("/console.sock"), Path.of("/console.log"));
    return new DomainXml(Path.of("/owner"), emulator, virtiofsd, user, List.of())
        .domain(
            new DomainSpec(
                new MachineId("0".repeat(64)),
                spec.sizes(),
                spec.acceleration(),
                new DomainSpec.Boot(
                    Path.of("/vmlinux"), Path.of("/initramfs"), spec.boot().commandLine()),
                Optional.of(Path.of("/memory")),
                Path.of("/root"),
                Optional.empty(),
                DomainSpec.Ports.in(Path.of("/")),
                console,
                Optional.empty(),
                Optional.empty()));
  }

  private String domain(DomainSpec spec, Element system, List<String> arguments) {
    boolean kvm = spec.acceleration() == Acceleration.KVM;
    return Element.of("domain")
        .with("type", kvm ? "kvm" : "qemu")
        .with("xmlns:qemu", QEMU_NAMESPACE)
        .add(
            Element.text("name", spec.name()),
            Element.text("uuid", spec.uuid()),
            metadata(spec),
            Element.text("memory", spec.size().memoryMib()).with("unit", "MiB"),
            // virtiofsd maps the guest's memory.
            Element.of("memoryBacking")
                .add(
                    Element.of("source").with("type", "memfd"),
                    Element.of("access").with("mode", "shared")),
            Element.text("vcpu", spec.sizes().most().vcpus()).with("current", spec.size().vcpus()),
            system,
            Element.of("features").add(Element.of("acpi"), Element.of("apic")),
            kvm ? Element.of("cpu").with("mode", "host-passthrough") : emulatedCpu(),
            Element.of("clock").with("offset", "utc"),
            Element.text("on_poweroff", "destroy"),
            Element.text("on_reboot", "destroy"),
            Element.text("on_crash", "destroy"),
            Element.of("pm")
                .add(
                    Element.of("suspend-to-mem").with("enabled", "no"),
                    Element.of("suspend-to-disk").with("enabled", "no")),
            devices(spec))
        .add(rights())
        .add(qemu(spec, arguments))
        .toString();
  }

  /**
   * All that QEMU emulates but ERMS, by which a CPU says that {@code rep movsb} is its fastest way
   * to copy: a kernel that is told so copies and clears memory by bytes, each of which takes an
   * emulator as long as eight do otherwise.
   */
  private static Element emulatedCpu() {
    return Element.of("cpu")
        .with("mode", "maximum")
        .add(Element.of("feature").with("policy", "disable").with("name", "erms"));
  }

  private List<Element> rights() {
    List<Element> rights = new ArrayList<>();
    rights.add(
        Element.of("seclabel")
            .with("type", "static")
            .with("model", "dac")
            .with("relabel", "yes")
            .add(Element.text("label", user + ":" + user)));
    confinements.forEach(
        model -> rights.add(Element.of("seclabel").with("type", "none").with("model", model)));
    return rights;
  }

  /** What libvirt has no words for. */
  private static Element qemu(DomainSpec spec, List<String> arguments) {
    Element line = Element.of("qemu:commandline");
    // Without it a guest that reboots while no daemon runs would come up again by itself.
    argument(line, "-no-reboot");
    // The tables are in the guest's memory, so each copy has the template's: then rather nobody's.
    argument(line, "-smbios");
    argument(line, "type=1,uuid=" + new UUID(0, 0));
    // libvirt chooses the names of memory files itself. The last -machine counts.
    if (spec.sizes().most().memoryMib() > spec.size().memoryMib()) {
      // libvirt's maxMemory wants a NUMA cell, which would have a memory of its own. QEMU takes
      // this together with libvirt's -m.
      argument(line, "-m");
      argument(
          line, "slots=%d,maxmem=%dM".formatted(MEMORY_SLOTS, spec.sizes().most().memoryMib()));
    }
    spec.memory()
        .ifPresent(
            file -> {
              argument(line, "-object");
              argument(
                  line,
                  "memory-backend-file,id=hull-memory,share=on,size=%dM,mem-path=%s"
                      .formatted(spec.size().memoryMib(), file.toString().replace(",", ",,")));
              argument(line, "-machine");
              argument(line, "memory-backend=hull-memory");
            });
    arguments.forEach(value -> argument(line, value));
    return line;
  }

  private static void argument(Element line, String value) {
    line.add(Element.of("qemu:arg").with("value", value));
  }

  String disk(Disk disk) {
    return diskElement(disk).toString();
  }

  String share(Path folder) {
    return shareElement(folder).toString();
  }

  static String network(DomainSpec.NetworkCard card) {
    return networkElement(card).toString();
  }

  /** What a later process must know and libvirt does not. */
  private Element metadata(DomainSpec spec) {
    return Element.of("metadata")
        .add(
            Element.of("hull:domain")
                .with("xmlns:hull", NAMESPACE)
                .with(OWNER, owner)
                .add(
                    Element.of("hull:console")
                        .with("socket", spec.console().socket())
                        .with("log", spec.console().log()),
                    size("hull:least", spec.sizes().least()),
                    size("hull:most", spec.sizes().most())));
  }

  private static Element size(String name, MachineSize size) {
    return Element.of(name).with("vcpus", size.vcpus()).with("memory-mib", size.memoryMib());
  }

  private static Element machine() {
    return Element.of("os")
        .add(Element.text("type", "hvm").with("arch", "x86_64").with("machine", "q35"));
  }

  private static Element boot(DomainSpec.Boot boot) {
    return machine()
        .add(
            Element.text("kernel", boot.kernel()),
            Element.text("initrd", boot.initramfs()),
            Element.text("cmdline", boot.commandLine()));
  }

  private Element devices(DomainSpec spec) {
    Element devices =
        Element.of("devices")
            .add(
                Element.text("emulator", emulator),
                Element.of("controller").with("type", "usb").with("model", "none"),
                Element.of("controller")
                    .with("type", "pci")
                    .with("index", 0)
                    .with("model", "pcie-root"))
            .add(
                Collections.nCopies(
                    ROOT_PORTS,
                    Element.of("controller").with("type", "pci").with("model", "pcie-root-port")))
            .add(
                Element.of("controller")
                    .with("type", "scsi")
                    .with("index", 0)
                    .with("model", "virtio-scsi"),
                Element.of("controller").with("type", "virtio-serial").with("index", 0),
                diskElement(Disk.readOnly(Disk.ROOT_UNIT, spec.rootDisk())),
                Element.of("serial")
                    .with("type", "unix")
                    .add(
                        Element.of("source")
                            .with("mode", "bind")
                            .with("path", spec.console().socket()),
                        Element.of("target").with("type", "isa-serial").with("port", 0)),
                port(DomainSpec.Ports.AGENT, spec.ports().agent()),
                port(DomainSpec.Ports.OUTPUT, spec.ports().output()),
                Element.of("rng")
                    .with("model", "virtio")
                    .add(Element.text("backend", "/dev/urandom").with("model", "random")),
                Element.of("memballoon").with("model", "virtio").with("freePageReporting", "on"),
                Element.of("audio").with("id", 1).with("type", "none"));
    spec.scratchDisk()
        .ifPresent(file -> devices.add(diskElement(Disk.writable(Disk.SCRATCH_UNIT, file))));
    spec.share().ifPresent(folder -> devices.add(shareElement(folder)));
    spec.network().ifPresent(card -> devices.add(networkElement(card)));
    return devices;
  }

  private static Element port(String name, Path socket) {
    return Element.of("channel")
        .with("type", "unix")
        .add(
            Element.of("source").with("mode", "bind").with("path", socket),
            Element.of("target").with("type", "virtio").with("name", name));
  }

  private Element shareElement(Path folder) {
    return Element.of("filesystem")
        .with("type", "mount")
        .add(
            Element.of("driver").with("type", "virtiofs").with("queue", SHARE_QUEUE),
            // Its namespaces are where volumes are mounted.
            Element.of("binary")
                .with("path", virtiofsd)
                .with("xattr", "on")
                .add(Element.of("sandbox").with("mode", "namespace")),
            Element.of("source").with("dir", folder),
            Element.of("target").with("dir", DomainSpec.SHARE_TAG));
  }

  private static Element networkElement(DomainSpec.NetworkCard card) {
    return Element.of("interface")
        .with("type", "ethernet")
        .add(
            Element.of("mac").with("address", card.mac()),
            Element.of("target").with("dev", card.tap()).with("managed", "no"),
            Element.of("mtu").with("size", card.mtu()),
            Element.of("model").with("type", "virtio"),
            // vhost-net would need a kernel module and privileges that the tap's new namespace
            // lacks.
            Element.of("driver").with("name", "qemu"),
            // The kernel is loaded directly; the card's boot code only costs time.
            Element.of("rom").with("enabled", "no"));
  }

  private static Element diskElement(Disk disk) {
    Element element =
        Element.of("disk")
            .with("type", disk.format() == Disk.Format.DEVICE ? "block" : "file")
            .with("device", "disk")
            .add(
                driver(disk),
                source(disk),
                Element.of("target").with("dev", target(disk.unit())).with("bus", "scsi"));
    if (disk.readOnly()) {
      element.add(Element.of("readonly"), Element.of("shareable"));
    }
    return element.add(
        Element.of("address")
            .with("type", "drive")
            .with("controller", 0)
            .with("bus", 0)
            .with("target", 0)
            .with("unit", disk.unit()));
  }

  private static Element source(Disk disk) {
    return Element.of("source")
        .with(disk.format() == Disk.Format.DEVICE ? "dev" : "file", disk.file())
        // The files are shared with other machines: their owner stays.
        .add(Element.of("seclabel").with("model", "dac").with("relabel", "no"));
  }

  private static Element driver(Disk disk) {
    String format =
        switch (disk.format()) {
          case RAW, DEVICE -> "raw";
          case VMDK -> "vmdk";
        };
    // What the guest has written to a device is there, and not in the host's memory.
    String cache = disk.format() == Disk.Format.DEVICE ? "none" : "writeback";
    Element driver =
        Element.of("driver").with("name", "qemu").with("type", format).with("cache", cache);
    if (!disk.readOnly()) {
      // What the guest frees becomes a hole of the sparse file again.
      driver.with("discard", "unmap");
    }
    return driver;
  }

  /** sda to sdz, sdaa to sdiv: libvirt wants a name that is unique; the guest does not see it. */
  static String target(int unit) {
    List<Integer> letters = unit < 26 ? List.of(unit) : List.of(unit / 26 - 1, unit % 26);
    StringBuilder name = new StringBuilder("sd");
    letters.forEach(letter -> name.append((char) ('a' + letter)));
    return name.toString();
  }
}
