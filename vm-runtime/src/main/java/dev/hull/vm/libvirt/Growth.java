package dev.hull.vm.libvirt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.SizeRange;
import java.time.Duration;

/**
 * A domain's vCPUs and memory while it lives. vCPUs are libvirt's to plug in. Memory is QEMU's,
 * because libvirt has none to plug in without NUMA: each time a DIMM of exactly what is wanted, so
 * that a guest that the host cannot trust has never more (a virtio-mem device has all that it may
 * get one day, and it is the guest's to leave it alone). It is shared, as virtiofsd wants it.
 */
final class Growth {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int LIVE = 1;
  private static final long MIB = 1L << 20;

  private final Driver driver;
  private final Monitor monitor;
  private final DomainName name;

  Growth(Driver driver, DomainName name) {
    this.driver = driver;
    this.monitor = new Monitor(driver, name);
    this.name = name;
  }

  MachineSize size() {
    int vcpus =
        driver.require(name, "count the vCPUs of", DEADLINE, domain -> domain.getInfo().nrVirtCpu);
    JsonObject memory = monitor.run("query-memory-size-summary").getAsJsonObject();
    long bytes =
        memory.get("base-memory").getAsLong()
            + (memory.has("plugged-memory") ? memory.get("plugged-memory").getAsLong() : 0);
    return new MachineSize(vcpus, Math.toIntExact(bytes / MIB));
  }

  /** As {@link dev.hull.vm.hypervisor.Hypervisor#grow}. */
  MachineSize grow(SizeRange sizes, MachineSize wanted) {
    if (!sizes.reaches(wanted)) {
      throw new MachineException(
          Kind.INVALID,
          "cannot grow domain %s to %s: %s is the most".formatted(name, wanted, sizes.most()));
    }
    MachineSize present = size();
    MachineSize target = sizes.atLeast(present.union(wanted));
    if (target.vcpus() > present.vcpus()) {
      driver.require(
          name,
          "plug vCPUs into",
          DEADLINE,
          domain -> {
            domain.setVcpusFlags(target.vcpus(), LIVE);
            return true;
          });
    }
    if (target.memoryMib() > present.memoryMib()) {
      plug(target.memoryMib() - present.memoryMib());
    }
    return target;
  }

  private void plug(int memoryMib) {
    int number = monitor.run("query-memory-devices").getAsJsonArray().size();
    if (number >= DomainXml.MEMORY_SLOTS) {
      throw new MachineException(
          Kind.EXHAUSTED,
          "cannot plug memory into domain %s: all %d slots are taken; start the machine anew"
              .formatted(name, number));
    }
    String backend = "hull-memory-" + number;
    if (hasObject(backend)) {
      // A process that was killed here came no further.
      monitor.run("object-del", "id", backend);
    }
    JsonObject memory = new JsonObject();
    memory.addProperty("qom-type", "memory-backend-memfd");
    memory.addProperty("id", backend);
    memory.addProperty("size", memoryMib * MIB);
    memory.addProperty("share", true);
    monitor.run("object-add", memory);
    try {
      JsonObject dimm = new JsonObject();
      dimm.addProperty("driver", "pc-dimm");
      dimm.addProperty("id", "hull-dimm-" + number);
      dimm.addProperty("memdev", backend);
      monitor.run("device_add", dimm);
    } catch (MachineException e) {
      try {
        monitor.run("object-del", "id", backend);
      } catch (MachineException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private boolean hasObject(String id) {
    for (JsonElement object : monitor.run("qom-list", "path", "/objects").getAsJsonArray()) {
      if (object.getAsJsonObject().get("name").getAsString().equals(id)) {
        return true;
      }
    }
    return false;
  }
}
