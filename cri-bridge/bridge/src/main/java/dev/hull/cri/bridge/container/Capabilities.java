package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.Capability;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which Linux capabilities a container gets. Names are without the prefix {@code CAP_}. */
record Capabilities(List<String> all, List<String> ambient) {
  /** In the kernel's order (capability.h, Linux 6.1). */
  static final List<String> EVERY =
      List.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "DAC_READ_SEARCH",
          "FOWNER",
          "FSETID",
          "KILL",
          "SETGID",
          "SETUID",
          "SETPCAP",
          "LINUX_IMMUTABLE",
          "NET_BIND_SERVICE",
          "NET_BROADCAST",
          "NET_ADMIN",
          "NET_RAW",
          "IPC_LOCK",
          "IPC_OWNER",
          "SYS_MODULE",
          "SYS_RAWIO",
          "SYS_CHROOT",
          "SYS_PTRACE",
          "SYS_PACCT",
          "SYS_ADMIN",
          "SYS_BOOT",
          "SYS_NICE",
          "SYS_RESOURCE",
          "SYS_TIME",
          "SYS_TTY_CONFIG",
          "MKNOD",
          "LEASE",
          "AUDIT_WRITE",
          "AUDIT_CONTROL",
          "SETFCAP",
          "MAC_OVERRIDE",
          "MAC_ADMIN",
          "SYSLOG",
          "WAKE_ALARM",
          "BLOCK_SUSPEND",
          "AUDIT_READ",
          "PERFMON",
          "BPF",
          "CHECKPOINT_RESTORE");

  /** Docker's. */
  static final Set<String> DEFAULT =
      Set.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FSETID",
          "FOWNER",
          "MKNOD",
          "NET_RAW",
          "SETGID",
          "SETUID",
          "SETFCAP",
          "SETPCAP",
          "NET_BIND_SERVICE",
          "SYS_CHROOT",
          "KILL",
          "AUDIT_WRITE");

  private static final String FIELD = "config.linux.security_context.capabilities.";

  static Capabilities of(Capability asked, boolean privileged) {
    List<String> add = names("add_capabilities", asked.getAddCapabilitiesList());
    List<String> drop = names("drop_capabilities", asked.getDropCapabilitiesList());
    List<String> ambient = names("add_ambient_capabilities", asked.getAddAmbientCapabilitiesList());
    if (privileged) {
      return new Capabilities(EVERY, List.of());
    }
    Set<String> held = new LinkedHashSet<>(DEFAULT);
    // ALL first, whichever list it is in; single names then add to or take from that.
    if (add.contains("ALL") || ambient.contains("ALL")) {
      held.addAll(EVERY);
    }
    if (drop.contains("ALL")) {
      held.clear();
    }
    held.addAll(add);
    held.addAll(ambient);
    drop.forEach(held::remove);
    held.remove("ALL");
    List<String> all = inOrder(held);
    return new Capabilities(
        all,
        ambient.contains("ALL") ? all : inOrder(ambient).stream().filter(all::contains).toList());
  }

  private static List<String> inOrder(Collection<String> names) {
    return EVERY.stream().filter(names::contains).toList();
  }

  private static List<String> names(String field, List<String> asked) {
    List<String> names = new ArrayList<>();
    for (String name : asked) {
      String upper = name.toUpperCase(Locale.ROOT);
      String bare = upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
      if (!bare.equals("ALL") && !EVERY.contains(bare)) {
        throw Refusal.invalid(FIELD + field + ": there is no capability " + name);
      }
      names.add(bare);
    }
    return names;
  }
}
