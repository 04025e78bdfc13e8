package dev.hull.vm.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the host's kernel has killed processes for lack of memory lately: since the last {@link
 * #look} but one. Thread-safe.
 */
final class OomKills {
  private static final Pattern COUNT = Pattern.compile("(?m)^oom_kill (\\d+)$");

  private final Path vmstat;
  private long before;
  private long last;

  /**
   * @param vmstat {@code /proc/vmstat}
   */
  OomKills(Path vmstat) {
    this.vmstat = vmstat;
    this.last = count();
    this.before = last;
  }

  /** To be called every now and then: what was before the last time is not lately. */
  synchronized void look() {
    before = last;
    last = count();
  }

  /** How many. */
  synchronized long lately() {
    return Math.max(0, count() - before);
  }

  /** Since the host was booted; 0 if the kernel does not say. */
  private long count() {
    try {
      Matcher found = COUNT.matcher(Files.readString(vmstat));
      return found.find() ? Long.parseLong(found.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
