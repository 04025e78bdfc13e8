package dev.hull.cri.bridge.daemon;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.hull.cri.bridge.events.ContainerEvents;
import dev.hull.cri.bridge.prometheus.DaemonMetrics;
import dev.hull.cri.bridge.prometheus.MetricsServer;
import dev.hull.cri.bridge.store.Adoption;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.streaming.StreamingServer;
import dev.hull.cri.host.DaemonProvider.Daemon;
import dev.hull.cri.host.HostException;
import dev.hull.images.ImageException;
import dev.hull.images.Images;
import dev.hull.vm.MachineEvent;
import dev.hull.vm.MachineException;
import dev.hull.vm.Machines;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon from start to stop. Starting takes the root, adopts what is in it, then serves;
 * stopping goes the other way and leaves the machines running.
 */
final class HullDaemon implements Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(HullDaemon.class);

  private final Deque<AutoCloseable> open;
  private final CriServer.Running server;
  private final ServiceNotification notification;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HullDaemon(
      Deque<AutoCloseable> open, CriServer.Running server, ServiceNotification notification) {
    this.open = open;
    this.server = server;
    this.notification = notification;
  }

  /** {@code parts} bind {@link Machines}, {@link Images} and what the bridge is made of. */
  static HullDaemon start(Path socket, Path root, ServiceNotification notification, Module... parts)
      throws HostException {
    long began = System.nanoTime();
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      open.push(RootLock.take(root));
      Injector injector = Guice.createInjector(Stage.DEVELOPMENT, Arrays.asList(parts));
      if (injector.getInstance(Images.class) instanceof AutoCloseable store) {
        open.push(store);
      }
      Machines machines = injector.getInstance(Machines.class);
      open.push(machines);
      open.push(injector.getInstance(Preparation.class).begin());
      injector.getInstance(Adoption.class).run();
      Pods pods = injector.getInstance(Pods.class);
      open.push(pods::closeLogs);
      ContainerEvents events = injector.getInstance(ContainerEvents.class);
      events.begin();
      machines.onEvent(event -> tell(event, pods));
      StreamingServer streaming = injector.getInstance(StreamingServer.class);
      open.push(streaming);
      streaming.start();
      Optional<InetSocketAddress> address = injector.getInstance(MetricsAddress.class).address();
      if (address.isPresent()) {
        open.push(MetricsServer.start(address.get(), injector.getInstance(DaemonMetrics.class)));
      }
      CriServer server = injector.getInstance(CriServer.class);
      open.push(server);
      CriServer.Running running = server.start(socket);
      open.push(running);
      // Ended first, for the server waits for its calls.
      open.push(events);
      LOG.atInfo()
          .addKeyValue("socket", socket)
          .addKeyValue("root", root)
          .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - began).toMillis())
          .log("ready");
      notification.send("READY=1");
      return new HullDaemon(open, running, notification);
    } catch (HostException e) {
      closeAll(open);
      throw e;
    } catch (ProvisionException | CreationException e) {
      closeAll(open);
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new HostException(sentence(cause), cause);
    } catch (MachineException | ImageException | IOException e) {
      closeAll(open);
      throw new HostException(sentence(e), e);
    }
  }

  /** Where metrics are served, if they are. */
  record MetricsAddress(Optional<InetSocketAddress> address) {}

  private static String sentence(Throwable cause) {
    return "cannot start the daemon: " + cause.getMessage();
  }

  private static void tell(MachineEvent event, Pods pods) {
    pods.ended(event);
    switch (event) {
      case MachineEvent.MachineStopped stopped ->
          LOG.atWarn()
              .addKeyValue("pod_sandbox_id", stopped.machine())
              .addKeyValue("asked", stopped.state().asked())
              .log("the machine has stopped: {}", stopped.state().reason());
      case MachineEvent.ContainerExited exited ->
          LOG.atInfo()
              .addKeyValue("pod_sandbox_id", exited.machine())
              .addKeyValue("container_id", exited.containerId())
              .log("the container has exited");
    }
  }

  @Override
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      notification.send("STOPPING=1");
      closeAll(open);
      LOG.atInfo().log("stopped; machines run on");
    }
  }

  private static void closeAll(Deque<AutoCloseable> open) {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        LOG.atError().setCause(e).log("something did not close");
      }
    }
  }
}
