package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.event.ConnectionCloseReason;
import org.libvirt.event.DomainEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to this host's libvirtd (or virtqemud), which may be restarted while its machines
 * run: then the connection is made anew.
 */
final class Libvirtd implements Connection {
  /** A libvirtd that hangs is given up after so many unanswered questions, this far apart. */
  private static final int KEEPALIVE_SECONDS = 5;

  private static final int KEEPALIVE_COUNT = 6;

  /** A libvirtd that is restarted is away for a second or two. */
  private static final Duration RETRY = Duration.ofMillis(500);

  private static final Logger log = LoggerFactory.getLogger(Libvirtd.class);

  private final LibvirtUri uri;
  private final BiConsumer<String, DomainEvent> stopped;
  private final Runnable returned;

  /** A closed connection still gets events, which ends the JVM: lost ones are kept. */
  private final List<Connect> lost = new ArrayList<>();

  private @Nullable Connect connect;
  private boolean closed;

  private Libvirtd(LibvirtUri uri, BiConsumer<String, DomainEvent> stopped, Runnable returned) {
    this.uri = uri;
    this.stopped = stopped;
    this.returned = returned;
  }

  /**
   * Connects.
   *
   * @param stopped is told of each domain that stops, on libvirt's thread; must not block
   * @param returned is called when there is a connection again: what happened meanwhile was not
   *     told
   */
  static Libvirtd join(
      LibC libc,
      LibvirtUri uri,
      Path logFile,
      BiConsumer<String, DomainEvent> stopped,
      Runnable returned)
      throws LibvirtException {
    EventLoop.start(libc, logFile);
    Libvirtd joined = new Libvirtd(uri, stopped, returned);
    joined.open();
    return joined;
  }

  private void open() throws LibvirtException {
    Connect opened = new Connect(uri.toString());
    EventLoop.listen(opened, this::tell);
    opened.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
    opened.registerCloseListener(this::lost);
    synchronized (this) {
      connect = opened;
    }
  }

  private void tell(String name, DomainEvent event) {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    stopped.accept(name, event);
  }

  /** Called on libvirt's thread. */
  private void lost(Connect gone, ConnectionCloseReason reason) {
    synchronized (this) {
      Connect current = connect;
      if (closed || current == null) {
        return;
      }
      lost.add(current);
      connect = null;
    }
    log.warn("{} has gone away ({}); machines run on, and it is waited for", uri, reason);
    Thread.ofPlatform().daemon().name("hull-libvirtd").start(this::reconnect);
  }

  private void reconnect() {
    try {
      while (!isClosed()) {
        try {
          open();
          log.info("{} is back", uri);
          returned.run();
          return;
        } catch (LibvirtException e) {
          log.debug("{} is not back yet", uri, e);
        }
        Thread.sleep(RETRY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized Connect get() {
    Connect current = connect;
    if (current == null) {
      throw new MachineException(
          Kind.UNAVAILABLE,
          uri + " has gone away; start libvirtd again, and this goes on by itself");
    }
    return current;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
