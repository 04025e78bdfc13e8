package dev.hull.vm.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.DomainEventType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's QEMU driver in this process. libvirt has one of it, and one event loop, from the first
 * use to the end of the process, for one folder: nothing of it can be given back, and a closed
 * connection still gets events, which ends the JVM. So this is static too, and its one connection
 * stays open.
 */
final class Embedded {
  private static final Logger log = LoggerFactory.getLogger(Embedded.class);
  private static final List<BiConsumer<String, DomainEvent>> LISTENERS =
      new CopyOnWriteArrayList<>();

  private static @Nullable Connect connect;
  private static @Nullable Path openRoot;

  /**
   * What libvirt-java does not bind.
   *
   * <p>SAFETY: libvirt calls {@code handler} on any thread with two pointers; it must be native and
   * do nothing.
   */
  private interface LibVirt extends Library {
    void virSetErrorFunc(@Nullable Pointer userData, Pointer handler);
  }

  private Embedded() {}

  /**
   * Opens the driver unless it is open.
   *
   * @param stopped is told of each domain that stops, on libvirt's thread; must not block
   */
  static synchronized Connect join(
      LibC libc, Path root, Path logFile, BiConsumer<String, DomainEvent> stopped)
      throws LibvirtException {
    if (openRoot != null && !openRoot.equals(root)) {
      throw new MachineException(
          Kind.UNAVAILABLE,
          "cannot open libvirt's QEMU driver in %s: this process has it open in %s, and can have only one"
              .formatted(root, openRoot));
    }
    Connect opened = connect;
    if (opened == null) {
      opened = open(libc, root, logFile);
      connect = opened;
      openRoot = root;
    }
    LISTENERS.add(stopped);
    return opened;
  }

  static void leave(BiConsumer<String, DomainEvent> stopped) {
    LISTENERS.remove(stopped);
  }

  private static Connect open(LibC libc, Path root, Path logFile) throws LibvirtException {
    silence(libc, logFile);
    org.libvirt.Library.initEventLoop();
    Thread.ofPlatform().daemon().name("hull-libvirt-events").start(Embedded::runEventLoop);
    Connect opened = new Connect("qemu:///embed?root=" + root);
    opened.addLifecycleListener(Embedded::onLifecycle);
    return opened;
  }

  /** libvirt would write its log and each error to the terminal of whoever runs us. */
  private static void silence(LibC libc, Path logFile) {
    libc.setenv("LIBVIRT_LOG_OUTPUTS", "3:file:" + logFile, 1);
    try {
      // Of all functions that ignore their arguments, this one is everywhere.
      Pointer ignore = NativeLibrary.getInstance("c").getFunction("getpid");
      Native.load("virt", LibVirt.class).virSetErrorFunc(null, ignore);
    } catch (UnsatisfiedLinkError e) {
      throw new MachineException(
          Kind.UNAVAILABLE,
          "cannot load libvirt.so.0; install libvirt0 and libvirt-daemon-driver-qemu",
          e);
    }
  }

  private static int onLifecycle(Domain domain, DomainEvent event) {
    if (event.getType() == DomainEventType.STOPPED) {
      try {
        String name = domain.getName();
        LISTENERS.forEach(listener -> listener.accept(name, event));
      } catch (LibvirtException e) {
        log.error("a domain stopped, and libvirt does not say which", e);
      }
    }
    return 0;
  }

  private static void runEventLoop() {
    while (true) {
      try {
        org.libvirt.Library.processEvent();
      } catch (LibvirtException | RuntimeException e) {
        log.error("libvirt's event loop stumbled", e);
      }
    }
  }
}
