package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.event.DomainEvent;

/** The connection to libvirt: what is asked of it, one call at a time, in our words. */
final class Driver implements AutoCloseable {
  private static final Duration OPEN_DEADLINE = Duration.ofSeconds(60);
  private static final Duration QUERY_DEADLINE = Duration.ofSeconds(15);

  /** How a domain is used; the handle is given back afterwards. */
  @FunctionalInterface
  interface Use<T> {
    T apply(Domain domain) throws LibvirtException;
  }

  private final NativeCalls calls;
  private final Connect connect;
  private final BiConsumer<String, DomainEvent> stopped;

  private Driver(NativeCalls calls, Connect connect, BiConsumer<String, DomainEvent> stopped) {
    this.calls = calls;
    this.connect = connect;
    this.stopped = stopped;
  }

  /**
   * Opens the embedded driver.
   *
   * @param stopped is told each domain that stops, on libvirt's thread; must not block
   */
  static Driver open(
      LibvirtConfig config,
      LibC libc,
      DriverFolder folder,
      NativeCalls calls,
      BiConsumer<String, DomainEvent> stopped) {
    Connect connect =
        calls.call(
            "open libvirt's QEMU driver in " + config.root(),
            OPEN_DEADLINE,
            () -> Embedded.join(libc, config.root(), folder.libvirtLog(), stopped));
    return new Driver(calls, connect, stopped);
  }

  /** Creates a domain whose guest does not run yet. */
  void createPaused(DomainName name, String xml, Duration deadline) {
    calls.run(
        "start domain " + name,
        deadline,
        () -> connect.domainCreateXML(xml, Domain.CreateFlags.PAUSED).free());
  }

  String libvirtVersion() {
    return calls.call(
        "ask libvirt for its version",
        QUERY_DEADLINE,
        () -> Long.toString(connect.getLibVersion()));
  }

  /** The names of all domains that are active, whoever made them. */
  List<String> names() {
    return calls.call(
        "list the domains",
        QUERY_DEADLINE,
        () -> {
          List<String> names = new ArrayList<>();
          for (Domain domain :
              connect.listAllDomains(
                  Connect.ConnectListAllDomainsFlags.CONNECT_LIST_DOMAINS_ACTIVE)) {
            names.add(domain.getName());
            domain.free();
          }
          return names;
        });
  }

  /** Empty if there is no such domain. */
  <T> Optional<T> find(DomainName name, String doing, Use<T> use) {
    return find(name, doing, QUERY_DEADLINE, use);
  }

  <T> Optional<T> find(DomainName name, String doing, Duration deadline, Use<T> use) {
    return calls.call(
        doing + " " + name,
        deadline,
        () -> {
          Domain domain;
          try {
            domain = connect.domainLookupByName(name.value());
          } catch (LibvirtException e) {
            if (Failures.isNoDomain(e)) {
              return Optional.empty();
            }
            throw e;
          }
          try {
            return Optional.of(use.apply(domain));
          } finally {
            domain.free();
          }
        });
  }

  /** As {@link #find}; NOT_FOUND if there is no such domain. */
  <T> T require(DomainName name, String doing, Duration deadline, Use<T> use) {
    return find(name, doing, deadline, use)
        .orElseThrow(
            () ->
                new MachineException(
                    Kind.NOT_FOUND, "cannot " + doing + " " + name + ": there is no such domain"));
  }

  DomainDescription describe(DomainName name) {
    return DomainDescription.parse(
        require(name, "look at domain", QUERY_DEADLINE, domain -> domain.getXMLDesc(0)));
  }

  @Override
  public void close() {
    Embedded.leave(stopped);
  }
}
