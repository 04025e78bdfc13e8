package dev.hull.vm.libvirt;

import java.util.ArrayList;
import java.util.List;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What libvirt says about its host.
 *
 * @param confinements the security models beyond that of users and groups: selinux, apparmor
 */
record HostDescription(List<String> confinements) {
  /** libvirt's name of the ordinary rights of users and groups. */
  private static final String ORDINARY = "dac";

  HostDescription {
    confinements = List.copyOf(confinements);
  }

  static HostDescription parse(String capabilities) {
    List<String> models = new ArrayList<>();
    NodeList found = LibvirtXml.read(capabilities).getElementsByTagName("secmodel");
    for (int i = 0; i < found.getLength(); i++) {
      String model =
          ((Element) found.item(i)).getElementsByTagName("model").item(0).getTextContent().strip();
      if (!model.equals(ORDINARY)) {
        models.add(model);
      }
    }
    return new HostDescription(models);
  }
}
