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
  private final Connection connection;

  private Driver(NativeCalls calls, Connection connection) {
    this.calls = calls;
    this.connection = connection;
  }

  /**
   * Opens the driver.
   *
   * @param stopped is told each domain that stops, on libvirt's thread; must not block
   * @param returned is called when libvirtd is back: what stopped meanwhile was not told
   */
  static Driver open(
      LibvirtConfig config,
      LibC libc,
      DriverFolder folder,
      NativeCalls calls,
      BiConsumer<String, DomainEvent> stopped,
      Runnable returned) {
    Connection connection =
        config
            .libvirtd()
            .map(
                uri ->
                    calls.<Connection>call(
                        "connect to " + uri,
                        OPEN_DEADLINE,
                        () -> Libvirtd.join(libc, uri, folder.libvirtLog(), stopped, returned)))
            .orElseGet(
                () ->
                    calls.call(
                        "open libvirt's QEMU driver in " + config.root(),
                        OPEN_DEADLINE,
                        () -> Embedded.join(libc, config.root(), folder.libvirtLog(), stopped)));
    return new Driver(calls, connection);
  }

  /** Creates a domain whose guest does not run yet. */
  void createPaused(DomainName name, String xml, Duration deadline) {
    calls.run(
        "start domain " + name,
        deadline,
        () -> connection.get().domainCreateXML(xml, Domain.CreateFlags.PAUSED).free());
  }

  String libvirtVersion() {
    return calls.call(
        "ask libvirt for its version",
        QUERY_DEADLINE,
        () -> Long.toString(connection.get().getLibVersion()));
  }

  /** How libvirt would confine QEMU beyond its user, by its names of these ways. */
  List<String> confinements() {
    return HostDescription.parse(
            calls.call(
                "ask libvirt what it can do",
                QUERY_DEADLINE,
                () -> connection.get().getCapabilities()))
        .confinements();
  }

  /** The names of all domains that are active, whoever made them. */
  List<String> names() {
    return calls.call(
        "list the domains",
        QUERY_DEADLINE,
        () -> {
          List<String> names = new ArrayList<>();
          for (Domain domain :
              connection
                  .get()
                  .listAllDomains(Connect.ConnectListAllDomainsFlags.CONNECT_LIST_DOMAINS_ACTIVE)) {
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
            domain = connection.get().domainLookupByName(name.value());
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
    connection.close();
  }
}
