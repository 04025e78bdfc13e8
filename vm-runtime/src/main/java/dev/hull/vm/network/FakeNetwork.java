package dev.hull.vm.network;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/** A network in memory. It outlives who uses it, as a host's does. */
public final class FakeNetwork implements Network {
  private static final String CONFIGURATION = "{\"name\":\"fake\"}";

  private final Map<String, Throwable> acquired = new TreeMap<>();
  private final AtomicReference<MachineException> failure = new AtomicReference<>();
  private int addresses;

  /** The next {@link #acquire} throws this, and acquires nothing. */
  public void failNext(MachineException next) {
    failure.set(next);
  }

  /** Throws if something was not released, with the stack that acquired it. */
  public synchronized void checkNothingLeaked() {
    acquired.forEach(
        (id, opened) -> {
          throw new AssertionError("the network of machine " + id + " was not released", opened);
        });
  }

  @Override
  public String configuration(MachineSpec spec) {
    return CONFIGURATION;
  }

  @Override
  public synchronized NetworkLease acquire(MachineSpec spec, String configuration) {
    MachineException fault = failure.getAndSet(null);
    if (fault != null) {
      throw fault;
    }
    String id = spec.id().value();
    if (acquired.containsKey(id)) {
      throw new MachineException(Kind.INTERNAL, "the network of " + id + " was acquired before");
    }
    acquired.put(id, new Throwable("acquired here"));
    addresses++;
    return new NetworkLease(
        tap(spec.id()),
        "0a:58:0a:63:00:%02x".formatted(addresses % 256),
        1500,
        List.of("10.99.0." + addresses % 256 + "/16"),
        List.of(new NetworkLease.Route("0.0.0.0/0", "10.99.255.254")),
        MachineSpec.Dns.NONE,
        "{}");
  }

  @Override
  public synchronized void connect(MachineSpec spec, NetworkLease lease) {
    if (!acquired.containsKey(spec.id().value())) {
      throw new MachineException(
          Kind.INTERNAL, "the network of " + spec.id() + " is connected but was not acquired");
    }
  }

  @Override
  public synchronized void release(
      MachineSpec spec, String configuration, Optional<NetworkLease> lease) {
    if (!configuration.equals(CONFIGURATION)) {
      throw new IllegalArgumentException("released with another configuration: " + configuration);
    }
    acquired.remove(spec.id().value());
  }

  @Override
  public String namespace(MachineSpec spec) {
    return "/run/netns/hull-" + spec.id().shortForm();
  }

  private static String tap(MachineId id) {
    return "hl" + id.shortForm();
  }
}
