package dev.hull.agent.container;

import java.util.List;

/** Names of Linux that specifications use, and their numbers (capabilities(7), getrlimit(2)). */
final class LinuxNames {
  /** In the kernel's order: the index is the number. */
  private static final List<String> CAPABILITIES =
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

  private static final List<String> RLIMITS =
      List.of(
          "CPU",
          "FSIZE",
          "DATA",
          "STACK",
          "CORE",
          "RSS",
          "NPROC",
          "NOFILE",
          "MEMLOCK",
          "AS",
          "LOCKS",
          "SIGPENDING",
          "MSGQUEUE",
          "NICE",
          "RTPRIO",
          "RTTIME");

  private LinuxNames() {}

  /** The set as bits. IllegalArgumentException for a name that does not exist. */
  static long capabilities(List<String> names) {
    long bits = 0;
    for (String name : names) {
      bits |= 1L << number(CAPABILITIES, name, "capability");
    }
    return bits;
  }

  static int rlimit(String name) {
    return number(RLIMITS, name, "resource limit");
  }

  private static int number(List<String> names, String name, String what) {
    int number = names.indexOf(name);
    if (number < 0) {
      throw new IllegalArgumentException("there is no " + what + " named " + name);
    }
    return number;
  }
}
