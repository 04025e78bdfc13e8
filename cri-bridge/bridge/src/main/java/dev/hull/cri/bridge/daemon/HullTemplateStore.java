package dev.hull.cri.bridge.daemon;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.ProvisionException;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.cri.host.TemplateStore;
import dev.hull.vm.Machines;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.machine.MachineModule;
import dev.hull.vm.template.StoredTemplates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The templates that all daemons of this host share. */
public final class HullTemplateStore implements TemplateStore {
  @Override
  public List<Entry> list() throws HostException {
    try {
      return StoredTemplates.list(MachineModule.TEMPLATES).entrySet().stream()
          .map(
              found ->
                  new Entry(
                      found.getKey(),
                      found.getValue().size().vcpus(),
                      found.getValue().size().memoryMib(),
                      found.getValue().guestImage(),
                      found.getValue().dataBytes(),
                      found.getValue().madeAt()))
          .toList();
    } catch (IOException e) {
      throw new HostException("cannot list the templates: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean build(DaemonProvider.Options options) throws HostException {
    Path root = options.root().toAbsolutePath().normalize();
    Settings settings = Settings.read(options, Runtime.getRuntime().availableProcessors());
    try (RootLock _ = RootLock.take(root);
        Machines machines =
            Guice.createInjector(
                    new MachineModule(
                        root,
                        options.guestImage().toAbsolutePath(),
                        Composition.libvirtd(options),
                        true,
                        JournalListener.NONE))
                .getInstance(Machines.class)) {
      return machines.prepare(settings.usualMachine(Runtime.getRuntime().availableProcessors()));
    } catch (ProvisionException | CreationException e) {
      throw new HostException("cannot make a template: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean remove(String id) throws HostException {
    try {
      return StoredTemplates.remove(MachineModule.TEMPLATES, id);
    } catch (IOException e) {
      throw new HostException("cannot remove the template " + id + ": " + e.getMessage(), e);
    }
  }
}
