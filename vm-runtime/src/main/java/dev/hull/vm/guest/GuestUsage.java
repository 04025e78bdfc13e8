package dev.hull.vm.guest;

import dev.hull.guest.v1.CgroupStats;
import dev.hull.guest.v1.ContainerStats;
import dev.hull.guest.v1.ContainerStatsResponse;
import dev.hull.guest.v1.CpuStats;
import dev.hull.guest.v1.DeviceStats;
import dev.hull.guest.v1.HugePageStats;
import dev.hull.guest.v1.InterfaceStats;
import dev.hull.guest.v1.MemoryStats;
import dev.hull.guest.v1.PodStats;
import dev.hull.guest.v1.PressureStats;
import dev.hull.guest.v1.StallStats;
import dev.hull.guest.v1.TaskStats;
import dev.hull.vm.MachineUsage;
import dev.hull.vm.MachineUsage.Counters;
import dev.hull.vm.MachineUsage.Disk;
import dev.hull.vm.MachineUsage.Layer;
import dev.hull.vm.MachineUsage.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Checks what a guest says that it uses. */
final class GuestUsage {
  private static final int MAX_CONTAINERS = 1024;
  private static final int MAX_INTERFACES = 64;
  private static final int MAX_DEVICES = 256;
  private static final int MAX_PAGE_SIZES = 8;
  private static final int MAX_DEVICE_NUMBER = 1 << 20;
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.@:-]{1,15}");
  private static final Pattern DEVICE = Pattern.compile("[a-z0-9!_-]{0,31}");
  private static final Pattern PAGE_SIZE = Pattern.compile("[0-9]{1,4}[KMG]B");

  private final Instant at;

  private GuestUsage(Instant at) {
    this.at = at;
  }

  /**
   * @param at when it was said, by the host's clock
   */
  static MachineUsage of(ContainerStatsResponse said, Instant at) {
    return new GuestUsage(at).machine(said);
  }

  private MachineUsage machine(ContainerStatsResponse said) {
    GuestStatus.require(said.hasPod(), "the use of the pod is missing");
    GuestStatus.require(
        said.getStatsCount() <= MAX_CONTAINERS, "the use of too many containers is told");
    PodStats pod = said.getPod();
    GuestStatus.require(
        pod.getInterfacesCount() <= MAX_INTERFACES, "there are too many network interfaces");
    Map<String, MachineUsage.Container> containers = new HashMap<>();
    for (ContainerStats container : said.getStatsList()) {
      String id = container.getContainerId();
      GuestStatus.require(CONTAINER.matcher(id).matches(), "a container's id is malformed");
      GuestStatus.require(
          containers.put(id, container(container)) == null, "the use of a container is told twice");
    }
    return new MachineUsage(
        at,
        counters(pod.getCgroup()),
        count(pod.getMemoryTotalBytes()),
        count(pod.getMemoryAvailableBytes()),
        pod.getInterfacesList().stream().map(GuestUsage::networkInterface).toList(),
        pod.hasScratchDisk()
            ? Optional.of(
                new Disk(
                    count(pod.getScratchDisk().getTotalBytes()),
                    count(pod.getScratchDisk().getAvailableBytes()),
                    count(pod.getScratchDisk().getInodes()),
                    count(pod.getScratchDisk().getFreeInodes())))
            : Optional.empty(),
        containers);
  }

  private MachineUsage.Container container(ContainerStats said) {
    return new MachineUsage.Container(
        counters(said.getCgroup()),
        said.hasWritableLayer()
            ? Optional.of(
                new Layer(
                    at.minusMillis(Math.min(count(said.getWritableLayer().getAgeMillis()), DAY)),
                    count(said.getWritableLayer().getBytes()),
                    count(said.getWritableLayer().getInodes())))
            : Optional.empty(),
        positive(said.getMaxOpenFiles()));
  }

  private static Counters counters(CgroupStats said) {
    GuestStatus.require(said.getDevicesCount() <= MAX_DEVICES, "there are too many devices");
    GuestStatus.require(
        said.getHugePagesCount() <= MAX_PAGE_SIZES, "there are too many sizes of pages");
    Map<String, Long> hugePages = new HashMap<>();
    for (HugePageStats pages : said.getHugePagesList()) {
      GuestStatus.require(
          PAGE_SIZE.matcher(pages.getPageSize()).matches(), "a size of pages is malformed");
      hugePages.put(pages.getPageSize(), count(pages.getCurrentBytes()));
    }
    return new Counters(
        cpu(said.getCpu()),
        memory(said.getMemory()),
        tasks(said.getTasks()),
        said.getDevicesList().stream().map(GuestUsage::device).toList(),
        said.hasCpuPressure() ? Optional.of(pressure(said.getCpuPressure())) : Optional.empty(),
        said.hasMemoryPressure()
            ? Optional.of(pressure(said.getMemoryPressure()))
            : Optional.empty(),
        said.hasIoPressure() ? Optional.of(pressure(said.getIoPressure())) : Optional.empty(),
        hugePages);
  }

  private static MachineUsage.Cpu cpu(CpuStats said) {
    return new MachineUsage.Cpu(
        micros(said.getUsageMicros()),
        micros(said.getUserMicros()),
        micros(said.getSystemMicros()),
        count(said.getPeriods()),
        count(said.getThrottledPeriods()),
        micros(said.getThrottledMicros()));
  }

  private static MachineUsage.Memory memory(MemoryStats said) {
    return new MachineUsage.Memory(
        count(said.getCurrentBytes()),
        count(said.getMaxUsageBytes()),
        count(said.getAnonBytes()),
        count(said.getFileBytes()),
        count(said.getMappedFileBytes()),
        count(said.getActiveFileBytes()),
        count(said.getInactiveFileBytes()),
        count(said.getKernelBytes()),
        count(said.getSwapBytes()),
        count(said.getPageFaults()),
        count(said.getMajorPageFaults()),
        count(said.getLimitHits()),
        count(said.getOomKills()));
  }

  private static MachineUsage.Tasks tasks(TaskStats said) {
    return new MachineUsage.Tasks(
        count(said.getProcesses()),
        count(said.getThreads()),
        positive(said.getMaxThreads()),
        count(said.getFileDescriptors()),
        count(said.getSockets()));
  }

  private static MachineUsage.Device device(DeviceStats said) {
    GuestStatus.require(
        said.getMajor() >= 0
            && said.getMajor() < MAX_DEVICE_NUMBER
            && said.getMinor() >= 0
            && said.getMinor() < MAX_DEVICE_NUMBER,
        "a device's number is out of range");
    GuestStatus.require(DEVICE.matcher(said.getName()).matches(), "a device's name is malformed");
    return new MachineUsage.Device(
        said.getMajor(),
        said.getMinor(),
        said.getName(),
        count(said.getReadBytes()),
        count(said.getWrittenBytes()),
        count(said.getReads()),
        count(said.getWrites()));
  }

  private static MachineUsage.Pressure pressure(PressureStats said) {
    return new MachineUsage.Pressure(stall(said.getSome()), stall(said.getFull()));
  }

  private static MachineUsage.Stall stall(StallStats said) {
    return new MachineUsage.Stall(
        micros(said.getTotalMicros()),
        percent(said.getAverage10S()),
        percent(said.getAverage60S()),
        percent(said.getAverage300S()));
  }

  private static MachineUsage.Interface networkInterface(InterfaceStats said) {
    GuestStatus.require(
        INTERFACE.matcher(said.getName()).matches(), "a network interface's name is malformed");
    return new MachineUsage.Interface(
        said.getName(),
        new Traffic(
            count(said.getReceivedBytes()),
            count(said.getReceivedPackets()),
            count(said.getReceiveErrors()),
            count(said.getReceiveDrops())),
        new Traffic(
            count(said.getSentBytes()),
            count(said.getSentPackets()),
            count(said.getSendErrors()),
            count(said.getSendDrops())));
  }

  private static long count(long said) {
    GuestStatus.require(said >= 0, "a count is out of range");
    return said;
  }

  /** Where 0 stands for none. */
  private static OptionalLong positive(long said) {
    return said == 0 ? OptionalLong.empty() : OptionalLong.of(count(said));
  }

  /** So that it can be told in nanoseconds. */
  private static Duration micros(long said) {
    GuestStatus.require(said >= 0 && said <= Long.MAX_VALUE / 1000, "a time is out of range");
    return Duration.ofNanos(said * 1000);
  }

  private static double percent(double said) {
    GuestStatus.require(said >= 0 && said <= 100, "a percentage is out of range");
    return said;
  }
}
