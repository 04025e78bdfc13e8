package dev.hull.cri.bridge.daemon;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.images.Images;
import dev.hull.images.registry.RegistryConfig;
import dev.hull.images.store.ImageStore;
import dev.hull.vm.MachineException;
import dev.hull.vm.libvirt.LibvirtUri;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** The parts of a daemon: machines (given), images and the bridge, and where each keeps its own. */
final class Composition {
  private static final Path CNI_PLUGINS = Path.of("/usr/lib/cni");

  private Composition() {}

  /**
   * @param machines binds the machines, by the settings that the root has
   */
  static HullDaemon start(DaemonProvider.Options options, Function<Settings, Module> machines)
      throws HostException {
    Path root = options.root().toAbsolutePath().normalize();
    int cpus = Runtime.getRuntime().availableProcessors();
    Settings settings = Settings.read(options, cpus);
    settings.logFormat().apply();
    return HullDaemon.start(
        options.socket(),
        root,
        new ServiceNotification(Optional.ofNullable(System.getenv("NOTIFY_SOCKET")).orElse("")),
        machines.apply(settings),
        new ImageModule(root.resolve("images"), settings.registries()),
        new BridgeModule(
            root,
            settings,
            new HostReadiness(options.guestImage(), CNI_PLUGINS),
            cpus,
            options.standing()));
  }

  /** Whose driver the machines are of; empty for one inside this process. */
  static Optional<LibvirtUri> libvirtd(DaemonProvider.Options options) throws HostException {
    try {
      return LibvirtUri.optional(options.hypervisor());
    } catch (MachineException e) {
      throw new HostException(e.getMessage(), e);
    }
  }

  private static final class ImageModule extends AbstractModule {
    private final Path folder;
    private final RegistryConfig registries;

    ImageModule(Path folder, RegistryConfig registries) {
      this.folder = folder;
      this.registries = registries;
    }

    @Provides
    @Singleton
    Images images() {
      return new ImageStore(folder, registries);
    }
  }
}
