package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineId;
import java.util.regex.Pattern;

/** A domain's name: {@code hull-} and the short form of its machine's id. */
public record DomainName(String value) implements Comparable<DomainName> {
  private static final String PREFIX = "hull-";
  private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{12}");

  public DomainName {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "not a domain name (hull- and 12 hexadecimal digits): " + value);
    }
  }

  public static DomainName of(MachineId id) {
    return ofShortForm(id.shortForm());
  }

  /** Where nothing but the short form of an id is known: from a file's name. */
  public static DomainName ofShortForm(String shortId) {
    return new DomainName(PREFIX + shortId);
  }

  /**
   * Whether {@code name} has the form of ours; a shared libvirt may have other people's domains.
   */
  public static boolean isOurs(String name) {
    return FORM.matcher(name).matches();
  }

  @Override
  public int compareTo(DomainName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
