package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.event.DomainEvent;

/**
 * libvirt's QEMU driver in this process. libvirt has one of it, from the first use to the end of
 * the process, for one folder: nothing of it can be given back, and a closed connection still gets
 * events, which ends the JVM. So this is static too, and its one connection stays open.
 */
final class Embedded implements Connection {
  private static final List<BiConsumer<String, DomainEvent>> LISTENERS =
      new CopyOnWriteArrayList<>();

  private static @Nullable Connect theOne;
  private static @Nullable Path openRoot;

  private final Connect connect;
  private final BiConsumer<String, DomainEvent> stopped;

  private Embedded(Connect connect, BiConsumer<String, DomainEvent> stopped) {
    this.connect = connect;
    this.stopped = stopped;
  }

  /**
   * Opens the driver unless it is open.
   *
   * @param stopped is told of each domain that stops, on libvirt's thread; must not block
   */
  static synchronized Embedded join(
      LibC libc, Path root, Path logFile, BiConsumer<String, DomainEvent> stopped)
      throws LibvirtException {
    if (openRoot != null && !openRoot.equals(root)) {
      throw new MachineException(
          Kind.UNAVAILABLE,
          "cannot open libvirt's QEMU driver in %s: this process has it open in %s, and can have only one"
              .formatted(root, openRoot));
    }
    Connect opened = theOne;
    if (opened == null) {
      EventLoop.start(libc, logFile);
      opened = new Connect("qemu:///embed?root=" + root);
      EventLoop.listen(
          opened, (name, event) -> LISTENERS.forEach(listener -> listener.accept(name, event)));
      theOne = opened;
      openRoot = root;
    }
    LISTENERS.add(stopped);
    return new Embedded(opened, stopped);
  }

  @Override
  public Connect get() {
    return connect;
  }

  @Override
  public void close() {
    LISTENERS.remove(stopped);
  }
}
