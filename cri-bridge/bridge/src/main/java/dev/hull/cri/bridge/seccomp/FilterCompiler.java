package dev.hull.cri.bridge.seccomp;

import com.sun.jna.Pointer;
import dev.hull.cri.bridge.seccomp.Profile.Condition;
import dev.hull.cri.bridge.seccomp.Profile.Rule;
import dev.hull.vm.SystemCallFilter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the filter of a profile, for the guest's architecture, by libseccomp. Blocks briefly. */
final class FilterCompiler {
  private static final int UNKNOWN = -1;

  /** Those whose programs a kernel for x86-64 runs; profiles name others too. */
  private static final Map<String, Integer> FURTHER =
      Map.of("SCMP_ARCH_X86", LibSeccomp.X86, "SCMP_ARCH_X32", LibSeccomp.X32);

  private final LibSeccomp library;
  private final MemoryFile files;

  FilterCompiler(LibSeccomp library, MemoryFile files) {
    this.library = library;
    this.files = files;
  }

  static FilterCompiler load() {
    return new FilterCompiler(LibSeccomp.load(), MemoryFile.load());
  }

  SystemCallFilter compile(Profile profile, Set<String> capabilities)
      throws InvalidProfileException {
    Pointer context = library.seccomp_init(profile.defaultAction().code());
    if (context == null) {
      throw new InvalidProfileException("has a defaultAction that libseccomp cannot take");
    }
    try {
      check(library.seccomp_attr_set(context, LibSeccomp.OPTIMIZE, LibSeccomp.BINARY_TREE), "tree");
      Map<Integer, Integer> newest = new LinkedHashMap<>(Map.of(LibSeccomp.X86_64, UNKNOWN));
      for (String name : profile.architectures()) {
        Integer architecture = FURTHER.get(name);
        if (architecture != null) {
          check(library.seccomp_arch_add(context, architecture), name);
          newest.put(architecture, UNKNOWN);
        }
      }
      for (Rule rule : profile.rules()) {
        note(rule, newest);
        if (rule.when().holds(capabilities) && !rule.action().equals(profile.defaultAction())) {
          add(context, rule);
        }
      }
      ByteArrayOutputStream program = new ByteArrayOutputStream();
      if (!profile.defaultAction().lets()) {
        program.writeBytes(new NewerCalls(newest).program());
      }
      program.writeBytes(export(context));
      return new SystemCallFilter(program.toByteArray());
    } catch (IllegalArgumentException e) {
      throw new InvalidProfileException("is too large for the kernel: " + e.getMessage());
    } finally {
      library.seccomp_release(context);
    }
  }

  /** The highest number that the profile knows, of each architecture. */
  private void note(Rule rule, Map<Integer, Integer> newest) {
    for (String name : rule.names()) {
      newest.replaceAll(
          (architecture, known) ->
              Math.max(known, library.seccomp_syscall_resolve_name_arch(architecture, name)));
    }
  }

  private void add(Pointer context, Rule rule) throws InvalidProfileException {
    for (String name : rule.names()) {
      int call = library.seccomp_syscall_resolve_name(name);
      if (call == UNKNOWN) {
        continue;
      }
      for (List<Condition> together : alternatives(rule.conditions())) {
        LibSeccomp.Comparison[] comparisons = comparisons(together);
        check(
            library.seccomp_rule_add_array(
                context, rule.action().code(), call, together.size(), comparisons),
            name);
      }
    }
  }

  /**
   * Conditions on different arguments hold together. Two on the same one cannot be said to
   * libseccomp; engines then take each condition by itself.
   */
  private static List<List<Condition>> alternatives(List<Condition> conditions) {
    long arguments = conditions.stream().map(Condition::index).distinct().count();
    return arguments == conditions.size()
        ? List.of(conditions)
        : conditions.stream().map(List::of).toList();
  }

  private static LibSeccomp.Comparison[] comparisons(List<Condition> conditions) {
    // JNA wants one at least, and all in one piece of memory.
    LibSeccomp.Comparison[] array =
        (LibSeccomp.Comparison[])
            new LibSeccomp.Comparison().toArray(Math.max(1, conditions.size()));
    for (int i = 0; i < conditions.size(); i++) {
      Condition condition = conditions.get(i);
      array[i].arg = condition.index();
      array[i].op = condition.comparison().code();
      array[i].first = condition.value();
      array[i].second = condition.valueTwo();
    }
    return array;
  }

  private byte[] export(Pointer context) throws InvalidProfileException {
    try (MemoryFile.Open file = files.open()) {
      check(library.seccomp_export_bpf(context, file.descriptor()), "program");
      return Files.readAllBytes(file.path());
    } catch (IOException e) {
      throw new IllegalStateException("a compiled seccomp filter cannot be read", e);
    }
  }

  private static void check(int result, String what) throws InvalidProfileException {
    if (result < 0) {
      throw new InvalidProfileException(
          "cannot be compiled: libseccomp answers %d for %s".formatted(result, what));
    }
  }
}
