package dev.hull.vm.libvirt;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's event loop, which the embedded driver needs before it opens. libvirt has one of it for
 * a process, never to be given back; so this is the one thing here that is static.
 */
final class EventLoop {
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private EventLoop() {}

  /** Starts it unless it runs. libvirt's own log goes to {@code logFile} from then on. */
  static void start(LibC libc, Path logFile) throws LibvirtException {
    if (!STARTED.compareAndSet(false, true)) {
      return;
    }
    // Otherwise libvirt writes to the terminal of whoever runs us. It reads this once, at its
    // start.
    libc.setenv("LIBVIRT_LOG_OUTPUTS", "3:file:" + logFile, 1);
    Library.initEventLoop();
    Thread.ofPlatform().daemon().name("hull-libvirt-events").start(EventLoop::run);
  }

  private static void run() {
    while (true) {
      try {
        Library.processEvent();
      } catch (LibvirtException | RuntimeException e) {
        log.error("libvirt's event loop stumbled", e);
      }
    }
  }
}
