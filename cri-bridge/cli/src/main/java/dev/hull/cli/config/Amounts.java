package dev.hull.cli.config;

import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.QosClass;
import dev.hull.cli.pod.Resources;
import dev.hull.cri.kubernetes.Quantity;
import dev.hull.cri.v1.LinuxContainerResources;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Requests and limits as the kernel is told them, computed as the kubelet does. */
public final class Amounts {
  private static final long PERIOD = 100_000;
  private static final long LEAST_QUOTA = 1000;
  private static final long LEAST_SHARES = 2;
  private static final long MOST_SHARES = 262_144;
  private static final BigDecimal SHARES = BigDecimal.valueOf(1024);
  private static final int OOM_GUARANTEED = -997;
  private static final int OOM_BEST_EFFORT = 1000;

  private Amounts() {}

  public static LinuxContainerResources container(
      Pod pod, Container container, BigDecimal hostMemory) {
    Resources resources = container.resources();
    LinuxContainerResources.Builder linux = LinuxContainerResources.newBuilder();
    linux.setCpuShares(resources.request(Resources.CPU).map(Amounts::shares).orElse(LEAST_SHARES));
    resources.limit(Resources.CPU).ifPresent(cpu -> quota(linux, cpu));
    resources.limit(Resources.MEMORY).ifPresent(m -> linux.setMemoryLimitInBytes(whole(m)));
    linux.setOomScoreAdj(oomScore(pod.qosClass(), resources, hostMemory));
    return linux.build();
  }

  /**
   * Of all containers together. A limit is the pod's only where every container has one: the
   * machine would otherwise be too small for the one that has none.
   */
  public static LinuxContainerResources pod(Pod pod) {
    LinuxContainerResources.Builder linux = LinuxContainerResources.newBuilder();
    limit(pod, Resources.CPU).ifPresent(cpu -> quota(linux, cpu));
    limit(pod, Resources.MEMORY).ifPresent(m -> linux.setMemoryLimitInBytes(whole(m)));
    sum(pod, r -> Optional.of(r.request(Resources.CPU).orElse(BigDecimal.ZERO)))
        .filter(cpu -> cpu.signum() > 0)
        .ifPresent(cpu -> linux.setCpuShares(shares(cpu)));
    return linux.build();
  }

  public static LinuxContainerResources overhead(Pod pod) {
    LinuxContainerResources.Builder linux = LinuxContainerResources.newBuilder();
    pod.overhead().request(Resources.CPU).ifPresent(cpu -> quota(linux, cpu));
    pod.overhead().request(Resources.MEMORY).ifPresent(m -> linux.setMemoryLimitInBytes(whole(m)));
    return linux.build();
  }

  public static Optional<BigDecimal> limit(Pod pod, String name) {
    return pod.resources().limit(name).or(() -> sum(pod, resources -> resources.limit(name)));
  }

  /**
   * What is in use at once, at most: the containers and sidecars together, or an init container
   * with the sidecars before it. Empty if one of them has none.
   */
  private static Optional<BigDecimal> sum(
      Pod pod, Function<Resources, Optional<BigDecimal>> amount) {
    List<Container> sidecars = pod.initContainers().stream().filter(Container::isSidecar).toList();
    Stream<Container> together = Stream.concat(pod.containers().stream(), sidecars.stream());
    Optional<BigDecimal> most = add(together, amount);
    Optional<BigDecimal> before = Optional.of(BigDecimal.ZERO);
    for (Container init : pod.initContainers()) {
      Optional<BigDecimal> with = add(before, amount.apply(init.resources()));
      most =
          with.isPresent() && most.isPresent()
              ? Optional.of(with.get().max(most.get()))
              : Optional.empty();
      if (init.isSidecar()) {
        before = with;
      }
    }
    return most;
  }

  private static Optional<BigDecimal> add(
      Stream<Container> containers, Function<Resources, Optional<BigDecimal>> amount) {
    return containers
        .map(container -> amount.apply(container.resources()))
        .reduce(Optional.of(BigDecimal.ZERO), Amounts::add);
  }

  private static Optional<BigDecimal> add(Optional<BigDecimal> left, Optional<BigDecimal> right) {
    return left.flatMap(l -> right.map(l::add));
  }

  private static long shares(BigDecimal cpus) {
    return Math.clamp(cpus.multiply(SHARES).longValue(), LEAST_SHARES, MOST_SHARES);
  }

  private static void quota(LinuxContainerResources.Builder linux, BigDecimal cpus) {
    long quota = Quantity.ceiling(cpus.multiply(BigDecimal.valueOf(PERIOD))).longValue();
    if (quota > 0) {
      linux.setCpuPeriod(PERIOD).setCpuQuota(Math.max(quota, LEAST_QUOTA));
    }
  }

  private static long whole(BigDecimal bytes) {
    return Quantity.ceiling(bytes).longValue();
  }

  /** Who asked for much of the host's memory is killed last. */
  private static int oomScore(QosClass qos, Resources resources, BigDecimal hostMemory) {
    return switch (qos) {
      case GUARANTEED -> OOM_GUARANTEED;
      case BEST_EFFORT -> OOM_BEST_EFFORT;
      case BURSTABLE -> {
        long host = Math.max(1, hostMemory.longValue());
        long asked = resources.request(Resources.MEMORY).map(Amounts::whole).orElse(0L);
        long score = 1000 - 1000 * Math.min(asked, host) / host;
        yield Math.clamp(score, 1000 + OOM_GUARANTEED, 999);
      }
    };
  }
}
