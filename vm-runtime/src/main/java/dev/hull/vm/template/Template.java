package dev.hull.vm.template;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.Path;

/** A saved machine. Its files do not change; they may go while it is used, which is an error. */
public record Template(Path folder) {

  /** The state of its devices, for {@link dev.hull.vm.hypervisor.Hypervisor#restore}. */
  public Path state() {
    return folder.resolve("state");
  }

  Path description() {
    return folder.resolve("template.properties");
  }

  MemoryImage memory() {
    return new MemoryImage(folder.resolve("memory"), folder.resolve("memory.list"));
  }

  /** Puts a copy of its memory into a file that exists and is empty. EXHAUSTED if it is full. */
  public void pourInto(Path target) {
    try {
      memory().copyTo(target);
    } catch (IOException e) {
      boolean full = String.valueOf(e.getMessage()).contains("No space left");
      throw new MachineException(
          full ? Kind.EXHAUSTED : Kind.INTERNAL,
          "cannot copy the memory of template %s to %s: %s".formatted(folder, target, e),
          e);
    }
  }
}
