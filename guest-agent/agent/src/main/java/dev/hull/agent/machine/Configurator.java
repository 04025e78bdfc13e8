package dev.hull.agent.machine;

import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.linux.Mounts;
import dev.hull.agent.users.IdMapping;
import dev.hull.agent.users.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Gives the guest the identity of its pod, once; before that, any number of provisional ones. */
public final class Configurator {
  private static final Duration DISK_DEADLINE = Duration.ofSeconds(10);

  private static final long PAUSE_NANOS = 2_000_000;
  private static final String LOOPBACK = "lo";

  private final Linux linux;
  private final Disks disks;
  private final UserSetup users;
  private final PodNetwork network;
  private final Path run;
  private final Sysctls sysctls;
  private final Entropy entropy;
  private final PodFiles files;
  private final ReentrantLock lock = new ReentrantLock();
  // By interface, in the order in which they came.
  private final Map<String, List<String>> addresses = new LinkedHashMap<>();
  private @Nullable PodIdentity configured;
  private boolean scratchMounted;
  private boolean shareMounted;

  /** Makes the pod's user namespace. */
  @FunctionalInterface
  public interface UserSetup {
    /** Does nothing the second time. */
    void begin(IdMapping mapping) throws IOException;
  }

  /**
   * @param run {@code /run/hull}
   * @param procSys {@code /proc/sys}
   */
  public Configurator(
      Linux linux, Disks disks, UserSetup users, PodNetwork network, Path run, Path procSys) {
    this.linux = linux;
    this.disks = disks;
    this.users = users;
    this.network = network;
    this.run = run;
    this.sysctls = new Sysctls(procSys);
    this.entropy = new Entropy(linux.descriptors());
    this.files = new PodFiles(run.resolve("pod"));
  }

  /**
   * Does nothing the second time, if the identity is the same; the clock is set again. A call that
   * failed may be repeated, and goes on where it stopped.
   *
   * @throws IllegalStateException if the guest has another identity
   */
  void configure(PodIdentity pod) throws IOException {
    lock.lock();
    try {
      if (configured != null && !configured.sameAs(pod)) {
        throw new IllegalStateException(
            "this guest is pod %s and cannot become pod %s, or the same with other values"
                .formatted(configured.podUid(), pod.podUid()));
      }
      linux.clock().setRealtime(pod.now());
      entropy.add(pod.entropy().toByteArray());
      if (configured == null) {
        apply(pod);
        configured = pod.provisional() ? null : pod;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * An interface has these addresses now, without prefix lengths: the pod's name stands for them in
   * its hosts file. May come before the identity or after it.
   */
  public void interfaceHas(String name, List<String> its) throws IOException {
    lock.lock();
    try {
      boolean changed = !its.equals(addresses.put(name, its));
      if (changed && configured != null) {
        files.writeHosts(configured, allAddresses());
      }
    } finally {
      lock.unlock();
    }
  }

  private List<String> allAddresses() {
    // Nobody is to find the pod by an address that every machine has.
    return addresses.entrySet().stream()
        .filter(its -> !its.getKey().equals(LOOPBACK))
        .flatMap(its -> its.getValue().stream())
        .toList();
  }

  private void apply(PodIdentity pod) throws IOException {
    linux.hostname().set(pod.hostname());
    if (pod.users().isPresent()) {
      users.begin(pod.users().get());
    }
    files.write(pod, allAddresses());
    network.run(() -> sysctls.apply(pod.sysctls()));
    if (pod.scratchDisk().isPresent() && !scratchMounted) {
      mountScratch(pod.scratchDisk().get());
      scratchMounted = true;
    }
    if (!pod.shareTag().isEmpty() && !shareMounted) {
      mountShare(pod.shareTag());
      shareMounted = true;
    }
  }

  private void mountScratch(ScsiAddress address) throws IOException {
    Path device;
    try {
      device = disks.await(address, DISK_DEADLINE);
    } catch (TimeoutException e) {
      throw new IOException("cannot mount the scratch disk: " + e.getMessage(), e);
    }
    // A scratch disk does not outlive its machine, so that order and barriers would only cost.
    mount(device.toString(), run.resolve("scratch"), "ext4", Mounts.NO_ATIME);
  }

  /** The kernel does not know the tag of a share that is still arriving by hot-plug. */
  private void mountShare(String tag) throws IOException {
    long end = System.nanoTime() + DISK_DEADLINE.toNanos();
    while (true) {
      try {
        mount(tag, run.resolve("share"), "virtiofs", 0);
        return;
      } catch (LinuxException e) {
        if (!e.errno().equals(Errno.EINVAL) || System.nanoTime() >= end) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void mount(String source, Path target, String type, long flags) throws IOException {
    Files.createDirectories(target);
    linux.mounts().mount(source, target.toString(), type, flags, "");
  }
}
