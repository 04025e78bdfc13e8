package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A connection to a {@link FakeHost}. It is strict where the real one forgives: no call is allowed
 * after {@link #close}. To act out a restart of the daemon, close it and open another on the same
 * host.
 */
public final class FakeHypervisor implements Hypervisor {
  private final FakeHost host;
  private final Throwable opened = new Throwable("a hypervisor was opened here");
  private final List<Consumer<DomainStopped>> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService events =
      Executors.newSingleThreadExecutor(
          Thread.ofVirtual().name("fake-hypervisor-events").factory());
  private volatile boolean closed;

  public FakeHypervisor(FakeHost host) {
    this.host = host;
    host.connect(this);
  }

  Throwable opened() {
    return opened;
  }

  void tell(DomainStopped event) {
    if (!closed) {
      events.execute(() -> listeners.forEach(listener -> listener.accept(event)));
    }
  }

  private FakeHost open() {
    if (closed) {
      throw new IllegalStateException("this hypervisor has been closed");
    }
    return host;
  }

  @Override
  public void start(DomainSpec spec) {
    open().start(spec);
  }

  @Override
  public void save(DomainName name, Path state) {
    open().save(name, state);
  }

  @Override
  public void restore(DomainSpec spec, Path state, Runnable filled) {
    open();
    filled.run();
    host.restore(spec, state);
  }

  @Override
  public void resume(DomainName name) {
    open().resume(name);
  }

  @Override
  public void pause(DomainName name) {
    open().pauseAsAsked(name);
  }

  @Override
  public String kinship(DomainSpec spec) {
    open();
    return "fake " + spec.sizes() + " " + spec.acceleration();
  }

  @Override
  public void squeeze(DomainName name, int memoryMib) {
    if (open().state(name).isEmpty()) {
      throw new MachineException(MachineException.Kind.NOT_FOUND, "there is no domain " + name);
    }
  }

  @Override
  public MachineSize grow(DomainName name, MachineSize wanted) {
    return open().grow(name, wanted);
  }

  @Override
  public SizeRange sizes(DomainName name) {
    return open().sizes(name);
  }

  @Override
  public void attachShare(DomainName name, Path folder) {
    open().attachShare(name, folder);
  }

  @Override
  public void attachNetwork(DomainName name, DomainSpec.NetworkCard card) {
    open().attachNetwork(name, card);
  }

  @Override
  public Optional<DomainState> state(DomainName name) {
    return open().state(name);
  }

  @Override
  public List<DomainName> list() {
    return open().list();
  }

  @Override
  public void attachDisk(DomainName name, Disk disk) {
    open().attachDisk(name, disk);
  }

  @Override
  public void detachDisk(DomainName name, int unit) {
    open().detachDisk(name, unit);
  }

  @Override
  public List<Disk> disks(DomainName name) {
    return open().disks(name);
  }

  @Override
  public List<DomainProcess> processes(DomainName name) {
    return open().processes(name);
  }

  @Override
  public void destroy(DomainName name) {
    open().destroy(name);
  }

  @Override
  public void onStopped(Consumer<DomainStopped> listener) {
    open();
    listeners.add(listener);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    host.disconnect(this);
    events.shutdown();
  }
}
