package dev.hull.guestimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The modules of one kernel. The package brings no list of dependencies; each module names its own.
 */
final class KernelModules {
  private final Path folder;
  private final Map<String, Path> files = new TreeMap<>();
  private final Set<String> builtIn = new HashSet<>();

  /**
   * @param folder {@code /lib/modules/RELEASE} of the unpacked package
   */
  KernelModules(Path folder) throws IOException {
    this.folder = folder;
    try (Stream<Path> tree = Files.walk(folder)) {
      tree.filter(file -> file.toString().endsWith(".ko"))
          .forEach(file -> files.put(nameOf(file.toString()), file));
    }
    for (String line : Files.readAllLines(folder.resolve("modules.builtin"))) {
      builtIn.add(nameOf(line));
    }
  }

  /**
   * A module that is a file.
   *
   * @param name as the kernel has it, with underscores
   */
  record Module(String name, Path file) {
    /** By what else it may be asked for. */
    List<String> aliases() throws IOException {
      return Elf.read(file).moduleInfo("alias");
    }
  }

  /** Those whose paths in the folder begin with one of these and none of those, by their names. */
  List<Module> below(List<String> prefixes, List<String> exceptions) {
    return files.entrySet().stream()
        .filter(
            module -> {
              String path = folder.relativize(module.getValue()).toString();
              return prefixes.stream().anyMatch(path::startsWith)
                  && exceptions.stream().noneMatch(path::startsWith);
            })
        .map(module -> new Module(module.getKey(), module.getValue()))
        .toList();
  }

  /**
   * The files of these modules and of all that they need, each after what it needs. Modules that
   * are built in are left out.
   *
   * @throws IOException if the kernel has no such module
   */
  List<Path> inLoadingOrder(List<String> names) throws IOException {
    Map<String, Path> ordered = new LinkedHashMap<>();
    for (String name : names) {
      add(name, ordered, new HashSet<>());
    }
    return new ArrayList<>(ordered.values());
  }

  private void add(String name, Map<String, Path> ordered, Set<String> above) throws IOException {
    String canonical = name.replace('-', '_');
    if (ordered.containsKey(canonical)) {
      return;
    }
    Path file = files.get(canonical);
    if (file == null) {
      if (builtIn.contains(canonical)) {
        return;
      }
      throw new IOException("the kernel has no module " + name);
    }
    if (!above.add(canonical)) {
      throw new IOException("module " + name + " needs itself");
    }
    for (String dependencies : Elf.read(file).moduleInfo("depends")) {
      for (String dependency : dependencies.split(",", -1)) {
        if (!dependency.isEmpty()) {
          add(dependency, ordered, above);
        }
      }
    }
    above.remove(canonical);
    ordered.put(canonical, file);
  }

  /** Files may have dashes where the kernel's names have underscores. */
  private static String nameOf(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    return file.substring(0, file.length() - ".ko".length()).replace('-', '_');
  }
}
