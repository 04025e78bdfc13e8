package dev.hull.vm.libvirt;

import dev.hull.vm.acceleration.TinyGuest.Deed;
import dev.hull.vm.hypervisor.Disk;
import dev.hull.vm.hypervisor.DomainFiles;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.DomainStopped;
import dev.hull.vm.hypervisor.Hypervisor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The daemon of {@link RestartTest}, before and after. */
final class RestartedProcess {
  private RestartedProcess() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    DomainFiles files = new DomainFiles(folder, Path.of(args[2]));
    try (Hypervisor hypervisor =
        LibvirtHypervisor.open(LibvirtConfig.embedded(folder.resolve("libvirt")))) {
      if (args[0].equals("start")) {
        start(hypervisor, files, System.out);
      } else {
        adopt(hypervisor, files, System.out);
      }
    }
  }

  private static void start(Hypervisor hypervisor, DomainFiles files, PrintStream out)
      throws InterruptedException {
    DomainSpec spec = files.spec(1, Deed.IDLE);
    hypervisor.start(spec);
    hypervisor.attachDisk(spec.name(), Disk.readOnly(2, files.disk("two.img")));
    out.println("started");
    new CountDownLatch(1).await();
  }

  private static void adopt(Hypervisor hypervisor, DomainFiles files, PrintStream out)
      throws Exception {
    CompletableFuture<DomainStopped> stopped = new CompletableFuture<>();
    hypervisor.onStopped(stopped::complete);
    DomainName name = DomainName.of(DomainFiles.id(1));
    out.println("adopted " + hypervisor.list() + " with units " + units(hypervisor, name));
    hypervisor.detachDisk(name, 2);
    hypervisor.attachDisk(name, Disk.readOnly(3, files.disk("three.img")));
    out.println("units " + units(hypervisor, name));
    long virtiofsd =
        hypervisor.processes(name).stream()
            .filter(process -> process.role() == DomainProcess.Role.VIRTIOFSD)
            .findFirst()
            .orElseThrow()
            .pid();
    ProcessHandle.of(virtiofsd).orElseThrow().destroyForcibly();
    out.println("virtiofsd killed: " + stopped.get(10, TimeUnit.SECONDS).reason());
    hypervisor.destroy(name);
    out.println("left " + hypervisor.list());
    out.println("done");
  }

  private static List<Integer> units(Hypervisor hypervisor, DomainName name) {
    return hypervisor.disks(name).stream().map(Disk::unit).toList();
  }
}
