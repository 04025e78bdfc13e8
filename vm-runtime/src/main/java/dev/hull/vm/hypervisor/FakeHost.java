package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The machine room behind a {@link FakeHypervisor}: it keeps its domains when the hypervisor is
 * closed, as a real host does when the daemon is killed, and does what a test wants to go wrong.
 */
public final class FakeHost {
  /** What runs in a fake domain. */
  @FunctionalInterface
  public interface Guest {
    /** A guest that never says anything. */
    Guest SILENT = (spec, channel) -> channel.close();

    /**
     * Is called on a thread of its own for each connection to the agent's socket, one at a time;
     * when it returns, the connection is closed.
     */
    void serve(DomainSpec spec, SocketChannel channel) throws IOException;

    /** As {@link #serve}, for the socket of what processes say. */
    default void serveOutput(DomainSpec spec, SocketChannel channel) throws IOException {
      channel.close();
    }
  }

  /** Where a call can be made to fail. */
  public enum Step {
    START,
    ATTACH_DISK,
    DETACH_DISK,
    GROW,
    ATTACH_SHARE,
    ATTACH_NETWORK,
    SAVE,
    RESTORE,
    RESUME,
    PAUSE,
    DESTROY
  }

  static final String STATE = "a fake domain's state";

  private final Guest guest;
  private final Map<DomainName, FakeDomain> domains = new TreeMap<>();
  private final Map<Step, MachineException> failures = new EnumMap<>(Step.class);
  private final List<FakeHypervisor> connected = new CopyOnWriteArrayList<>();
  private long nextPid = 1_000_000;

  public FakeHost(Guest guest) {
    this.guest = guest;
  }

  /** The next call of {@code step} throws {@code failure} and changes nothing. */
  public synchronized void failNext(Step step, MachineException failure) {
    failures.put(step, failure);
  }

  /** Whether the failure is still to come. */
  public synchronized boolean isToFail(Step step) {
    return failures.containsKey(step);
  }

  /**
   * The domain ends by itself.
   *
   * @throws IllegalStateException if there is no such domain
   */
  public void kill(DomainName name, DomainStopped.Reason reason, String detail) {
    if (!end(name, reason, detail)) {
      throw new IllegalStateException("no domain " + name + " to kill");
    }
  }

  /** The guest writes to its console. */
  public synchronized void writeConsole(DomainName name, String text) {
    require(name).writeConsole(text);
  }

  /** The guest stands still, as after an IO error. */
  public synchronized void pause(DomainName name) {
    require(name).state = DomainState.PAUSED;
  }

  /**
   * Fails unless every domain has ended and every hypervisor has been closed, with the stack that
   * made what is left.
   */
  public synchronized void checkNothingLeaked() {
    List<Throwable> leaks = new ArrayList<>();
    domains.values().forEach(domain -> leaks.add(domain.started));
    connected.forEach(hypervisor -> leaks.add(hypervisor.opened()));
    if (!leaks.isEmpty()) {
      AssertionError error = new AssertionError(leaks.size() + " left: " + leaks);
      leaks.forEach(error::addSuppressed);
      throw error;
    }
  }

  /** Whether some domain is made of a process of that id. */
  public synchronized boolean isAlive(long pid) {
    return domains.values().stream()
        .flatMap(domain -> domain.processes().stream())
        .anyMatch(process -> process.pid() == pid);
  }

  synchronized void connect(FakeHypervisor hypervisor) {
    connected.add(hypervisor);
  }

  synchronized void disconnect(FakeHypervisor hypervisor) {
    connected.remove(hypervisor);
  }

  synchronized void start(DomainSpec spec) {
    mayFail(Step.START);
    create(spec);
  }

  synchronized void restore(DomainSpec spec, Path state) {
    mayFail(Step.RESTORE);
    FakeDomain domain = create(spec);
    try {
      domain.restored(state);
    } catch (MachineException e) {
      domains.remove(spec.name());
      domain.close();
      throw e;
    }
  }

  synchronized void resume(DomainName name) {
    mayFail(Step.RESUME);
    FakeDomain domain = require(name);
    if (domain.saved) {
      throw new MachineException(
          Kind.WRONG_STATE, "cannot resume domain " + name + ": its state was saved");
    }
    domain.state = DomainState.RUNNING;
  }

  synchronized void pauseAsAsked(DomainName name) {
    mayFail(Step.PAUSE);
    pause(name);
  }

  synchronized void save(DomainName name, Path state) {
    mayFail(Step.SAVE);
    require(name).save(state);
  }

  synchronized MachineSize grow(DomainName name, MachineSize wanted) {
    mayFail(Step.GROW);
    return require(name).grow(wanted);
  }

  synchronized SizeRange sizes(DomainName name) {
    return require(name).sizes();
  }

  synchronized void attachShare(DomainName name, Path folder) {
    mayFail(Step.ATTACH_SHARE);
    require(name).attachShare(folder);
  }

  synchronized void attachNetwork(DomainName name, DomainSpec.NetworkCard card) {
    mayFail(Step.ATTACH_NETWORK);
    require(name).attachNetwork(card);
  }

  private FakeDomain create(DomainSpec spec) {
    if (domains.containsKey(spec.name())) {
      throw new MachineException(
          Kind.ALREADY_EXISTS, "cannot start domain " + spec.name() + ": there is one already");
    }
    FakeDomain domain = new FakeDomain(spec, guest, nextPid);
    nextPid += 2;
    domains.put(spec.name(), domain);
    return domain;
  }

  synchronized Optional<DomainState> state(DomainName name) {
    return Optional.ofNullable(domains.get(name)).map(domain -> domain.state);
  }

  synchronized List<DomainName> list() {
    return List.copyOf(domains.keySet());
  }

  synchronized void attachDisk(DomainName name, Disk disk) {
    mayFail(Step.ATTACH_DISK);
    require(name).attach(disk);
  }

  synchronized void detachDisk(DomainName name, int unit) {
    mayFail(Step.DETACH_DISK);
    require(name).disks.remove(unit);
  }

  synchronized List<Disk> disks(DomainName name) {
    return List.copyOf(require(name).disks.values());
  }

  synchronized List<DomainProcess> processes(DomainName name) {
    return require(name).processes();
  }

  void destroy(DomainName name) {
    synchronized (this) {
      mayFail(Step.DESTROY);
    }
    end(name, DomainStopped.Reason.DESTROYED, "destroyed");
  }

  private boolean end(DomainName name, DomainStopped.Reason reason, String detail) {
    synchronized (this) {
      FakeDomain domain = domains.remove(name);
      if (domain == null) {
        return false;
      }
      domain.close();
    }
    DomainStopped event = new DomainStopped(name, reason, detail);
    connected.forEach(hypervisor -> hypervisor.tell(event));
    return true;
  }

  private void mayFail(Step step) {
    MachineException failure = failures.remove(step);
    if (failure != null) {
      throw failure;
    }
  }

  private FakeDomain require(DomainName name) {
    FakeDomain domain = domains.get(name);
    if (domain == null) {
      throw new MachineException(Kind.NOT_FOUND, "there is no domain " + name);
    }
    return domain;
  }
}
