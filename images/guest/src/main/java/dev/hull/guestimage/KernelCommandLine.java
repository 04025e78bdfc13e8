package dev.hull.guestimage;

/** How the guest's kernel is started. */
final class KernelCommandLine {
  static final String TEXT =
      String.join(
          " ",
          // The console keeps last words, and only these: every character is an exit to the host.
          "console=ttyS0 quiet loglevel=4",
          // A dead agent is a dead machine, at once.
          "panic=-1",
          // No bounce buffers for memory that is yet to be plugged.
          "swiotlb=noforce",
          "memhp_default_state=online",
          // Hypervisors keep time; checks of it only cost.
          "tsc=reliable no_timer_check",
          "random.trust_cpu=on",
          "8250.nr_uarts=1",
          "i8042.noaux i8042.nokbd i8042.nopnp",
          "selinux=0 apparmor=0 audit=0",
          "cryptomgr.notests",
          "rcupdate.rcu_expedited=1");

  private KernelCommandLine() {}
}
