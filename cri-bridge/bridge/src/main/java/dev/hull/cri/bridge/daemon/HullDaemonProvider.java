package dev.hull.cri.bridge.daemon;

import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.libvirt.LibvirtUri;
import dev.hull.vm.machine.MachineModule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** The daemon over this host's machines. */
public final class HullDaemonProvider implements DaemonProvider {
  private final JournalListener listener;

  /** For {@link java.util.ServiceLoader}. */
  public HullDaemonProvider() {
    this(JournalListener.NONE);
  }

  /**
   * With a listener that is told of every record of the machines' journal, for tests of recovery.
   */
  public HullDaemonProvider(JournalListener listener) {
    this.listener = listener;
  }

  @Override
  public String defaultConfig() {
    try (InputStream text = HullDaemonProvider.class.getResourceAsStream("/hull.yaml")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read hull.yaml of this program", e);
    }
  }

  @Override
  public Daemon start(Options options) throws HostException {
    Optional<LibvirtUri> libvirtd = Composition.libvirtd(options);
    Path root = options.root().toAbsolutePath().normalize();
    return Composition.start(
        options,
        settings ->
            new MachineModule(
                root,
                options.guestImage().toAbsolutePath(),
                libvirtd,
                settings.templates(),
                listener));
  }
}
