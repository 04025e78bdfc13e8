package dev.hull.vm.libvirt;

import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.SizeRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * What libvirt says about a domain that exists.
 *
 * @param id libvirt's number of it, which names some of its files
 * @param console empty for a domain that we did not start
 * @param sizes empty also for one that an older release started
 */
record DomainDescription(
    String id,
    List<Disk> disks,
    boolean hasShare,
    Optional<DomainSpec.Console> console,
    Optional<SizeRange> sizes) {
  DomainDescription {
    disks = List.copyOf(disks);
  }

  static DomainDescription parse(String xml) {
    Document document = LibvirtXml.read(xml);
    return new DomainDescription(
        document.getDocumentElement().getAttribute("id"),
        disks(document),
        document.getElementsByTagName("filesystem").getLength() > 0,
        console(document),
        sizes(document));
  }

  /**
   * The driver's folder of whoever made the domain that {@code xml} is about; empty if it does not
   * say, as in an older release.
   */
  static Optional<Path> owner(String xml) {
    NodeList found = LibvirtXml.read(xml).getElementsByTagNameNS(DomainXml.NAMESPACE, "domain");
    return found.getLength() == 0
        ? Optional.empty()
        : Optional.of(((org.w3c.dom.Element) found.item(0)).getAttribute(DomainXml.OWNER))
            .filter(owner -> !owner.isEmpty())
            .map(Path::of);
  }

  private static List<Disk> disks(Document document) {
    List<Disk> disks = new ArrayList<>();
    NodeList elements = document.getElementsByTagName("disk");
    for (int i = 0; i < elements.getLength(); i++) {
      org.w3c.dom.Element disk = (org.w3c.dom.Element) elements.item(i);
      boolean device = disk.getAttribute("type").equals("block");
      boolean vmdk = first(disk, "driver").getAttribute("type").equals("vmdk");
      disks.add(
          new Disk(
              Integer.parseInt(first(disk, "address").getAttribute("unit")),
              Path.of(first(disk, "source").getAttribute(device ? "dev" : "file")),
              device ? Disk.Format.DEVICE : vmdk ? Disk.Format.VMDK : Disk.Format.RAW,
              disk.getElementsByTagName("readonly").getLength() > 0));
    }
    disks.sort(Comparator.comparingInt(Disk::unit));
    return disks;
  }

  private static Optional<DomainSpec.Console> console(Document document) {
    NodeList found = document.getElementsByTagNameNS(DomainXml.NAMESPACE, "console");
    if (found.getLength() == 0) {
      return Optional.empty();
    }
    org.w3c.dom.Element console = (org.w3c.dom.Element) found.item(0);
    return Optional.of(
        new DomainSpec.Console(
            Path.of(console.getAttribute("socket")), Path.of(console.getAttribute("log"))));
  }

  private static Optional<SizeRange> sizes(Document document) {
    NodeList least = document.getElementsByTagNameNS(DomainXml.NAMESPACE, "least");
    NodeList most = document.getElementsByTagNameNS(DomainXml.NAMESPACE, "most");
    return least.getLength() == 0 || most.getLength() == 0
        ? Optional.empty()
        : Optional.of(new SizeRange(size(least.item(0)), size(most.item(0))));
  }

  private static MachineSize size(Node element) {
    return new MachineSize(number(element, "vcpus"), number(element, "memory-mib"));
  }

  private static int number(Node element, String name) {
    return Integer.parseInt(element.getAttributes().getNamedItem(name).getNodeValue());
  }

  private static org.w3c.dom.Element first(org.w3c.dom.Element parent, String name) {
    NodeList found = parent.getElementsByTagName(name);
    if (found.getLength() == 0) {
      throw new IllegalStateException("libvirt described a disk without its " + name);
    }
    return (org.w3c.dom.Element) found.item(0);
  }
}
