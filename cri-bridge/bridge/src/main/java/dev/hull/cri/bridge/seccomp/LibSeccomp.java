package dev.hull.cri.bridge.seccomp;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;

/** The functions of libseccomp that are used here; see seccomp_rule_add(3) and its like. */
interface LibSeccomp extends Library {
  /** Found when a profile is first compiled. */
  static LibSeccomp load() {
    return Native.load("libseccomp.so.2", LibSeccomp.class);
  }

  /** Attribute: how the filter's rules are laid out; 2 is a binary tree. */
  int OPTIMIZE = 8;

  int BINARY_TREE = 2;

  /** Architectures, as the kernel's audit numbers them. */
  int X86_64 = 0xC000_003E;

  int X86 = 0x4000_0003;

  int X32 = 0x4000_003E;

  /** {@code struct scmp_arg_cmp}. */
  @Structure.FieldOrder({"arg", "op", "first", "second"})
  final class Comparison extends Structure {
    public int arg;
    public int op;
    public long first;
    public long second;
  }

  Pointer seccomp_init(int defaultAction);

  void seccomp_release(Pointer context);

  int seccomp_attr_set(Pointer context, int attribute, int value);

  int seccomp_arch_add(Pointer context, int architecture);

  int seccomp_syscall_resolve_name(String name);

  int seccomp_syscall_resolve_name_arch(int architecture, String name);

  int seccomp_rule_add_array(
      Pointer context, int action, int call, int count, Comparison[] comparisons);

  int seccomp_export_bpf(Pointer context, int descriptor);
}
