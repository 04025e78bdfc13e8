package dev.hull.vm.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.nio.file.Path;
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
 * libvirt's event loop. libvirt has one of it, from the first use to the end of the process, and it
 * must be there before a connection is opened.
 */
final class EventLoop {
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  private static boolean running;

  /**
   * What libvirt-java does not bind.
   *
   * <p>SAFETY: libvirt calls {@code handler} on any thread with two pointers; it must be native and
   * do nothing.
   */
  private interface LibVirt extends Library {
    void virSetErrorFunc(@Nullable Pointer userData, Pointer handler);
  }

  private EventLoop() {}

  /**
   * Starts it unless it runs.
   *
   * @param logFile what libvirt itself has to say goes there, not to the terminal of whoever runs
   *     us; the first caller's stays
   * @throws MachineException UNAVAILABLE if libvirt is not installed
   */
  static synchronized void start(LibC libc, Path logFile) throws LibvirtException {
    if (running) {
      return;
    }
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
    org.libvirt.Library.initEventLoop();
    Thread.ofPlatform().daemon().name("hull-libvirt-events").start(EventLoop::run);
    running = true;
  }

  /**
   * Has each domain that stops told.
   *
   * @param stopped is called on libvirt's thread; must not block
   */
  static void listen(Connect connect, BiConsumer<String, DomainEvent> stopped)
      throws LibvirtException {
    connect.addLifecycleListener(
        (domain, event) -> {
          if (event.getType() == DomainEventType.STOPPED) {
            tell(domain, event, stopped);
          }
          return 0;
        });
  }

  private static void tell(
      Domain domain, DomainEvent event, BiConsumer<String, DomainEvent> stopped) {
    try {
      stopped.accept(domain.getName(), event);
    } catch (LibvirtException e) {
      log.error("a domain stopped, and libvirt does not say which", e);
    }
  }

  private static void run() {
    while (true) {
      try {
        org.libvirt.Library.processEvent();
      } catch (LibvirtException | RuntimeException e) {
        log.error("libvirt's event loop stumbled", e);
      }
    }
  }
}
