package dev.hull.vm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.vm.ContainerSpec;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.capacity.Admission;
import dev.hull.vm.hypervisor.Acceleration;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.FakeHost;
import dev.hull.vm.hypervisor.FakeHypervisor;
import dev.hull.vm.journal.JournalListener;
import dev.hull.vm.network.FakeNetwork;
import dev.hull.vm.replica.FolderWatcher;
import dev.hull.vm.share.FakeMounts;
import dev.hull.vm.template.MemoryFiles;
import dev.hull.vm.template.StoredTemplates;
import dev.hull.vm.template.Templates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A machine room of fakes that outlives the runtimes that use it, as a host does. */
final class FakeRoom implements AutoCloseable {
  /** No machine grows beyond it. */
  static final MachineSize HOST = new MachineSize(4, 1024);

  final FakeGuests guests = new FakeGuests();
  final FakeHost host = new FakeHost(guests);
  final FakeNetwork network = new FakeNetwork();
  final FakeMounts mounts = new FakeMounts(host::isAlive);
  final Path folder;
  Duration bootDeadline = Duration.ofSeconds(20);

  /** Whether machines are copies of a template, which the first process makes. */
  boolean templates;

  long freeMib = 1000;

  /** What machines may have beyond what was asked for. */
  long lendableMib = 200;

  private final Random random = new Random(7);
  private volatile @Nullable CountDownLatch held;
  private volatile boolean waiting;

  FakeRoom(Path folder) {
    this.folder = folder;
    guests.live(host);
    try {
      Files.createDirectories(folder.resolve("memory"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String file : List.of("vmlinux", "initramfs", "root.erofs")) {
      write(file, new byte[512]);
    }
  }

  Path write(String name, byte[] content) {
    try {
      Path file = folder.resolve(name);
      return Files.exists(file) ? file : Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next scratch disk is not made before the latch is released. */
  CountDownLatch holdScratch() {
    CountDownLatch latch = new CountDownLatch(1);
    held = latch;
    return latch;
  }

  /** Whether somebody waits for it. */
  boolean isScratchHeld() {
    return waiting;
  }

  private void makeScratch(Path file) {
    CountDownLatch latch = held;
    if (latch != null) {
      held = null;
      waiting = true;
      try {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    write("machines/" + folder.resolve("machines").relativize(file), new byte[1]);
  }

  private static void link(Path node, Path device) {
    try {
      Files.createSymbolicLink(node, device);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One process's life: its hypervisor and its runtime. */
  final class Daemon implements AutoCloseable {
    final FakeHypervisor hypervisor = new FakeHypervisor(host);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final MachineRuntime machines;

    private Daemon(JournalListener listener) {
      machines = openRuntime(listener);
    }

    private MachineRuntime openRuntime(JournalListener listener) {
      GuestImage image =
          new GuestImage(
              new DomainSpec.Boot(folder.resolve("vmlinux"), folder.resolve("initramfs"), ""),
              folder.resolve("root.erofs"),
              "1");
      MemoryFiles memory =
          new MemoryFiles(folder.resolve("memory"), System.getProperty("user.name"));
      MachineHost parts =
          new MachineHost(
              hypervisor,
              network,
              mounts,
              new FolderWatcher(),
              new Admission(() -> freeMib, name -> 0, 0, lendableMib),
              (file, bytes) -> makeScratch(file),
              (node, device, readOnly) -> link(node, device),
              memory,
              Clock.systemUTC(),
              random);
      try {
        return new MachineRuntime(
            new MachineConfig(
                folder.resolve("machines"),
                image,
                templates ? stored(image, memory) : Templates.NONE,
                HOST,
                () -> Acceleration.TCG,
                bootDeadline),
            parts,
            listener);
      } catch (Error killed) {
        hypervisor.close();
        throw killed;
      }
    }

    private Templates stored(GuestImage image, MemoryFiles memory) {
      return new StoredTemplates(
          folder.resolve("templates"),
          folder.resolve("work"),
          new StoredTemplates.Source(
              image.boot(), image.root(), image.version(), () -> Acceleration.TCG, HOST),
          hypervisor,
          memory,
          bootDeadline,
          random,
          threads);
    }

    @Override
    public void close() {
      machines.close();
      hypervisor.close();
      threads.close();
    }
  }

  Daemon daemon(JournalListener listener) {
    return new Daemon(listener);
  }

  Daemon daemon() {
    return daemon(JournalListener.NONE);
  }

  MachineSpec spec() {
    return spec(MachineId.random(random));
  }

  MachineSpec spec(MachineId id) {
    return spec(id, new MachineSize(1, 256));
  }

  MachineSpec spec(MachineSize size) {
    return spec(MachineId.random(random), size);
  }

  static MachineSpec spec(MachineId id, MachineSize size) {
    return new MachineSpec(
        id,
        "pod",
        "default",
        "uid",
        "host",
        size,
        MachineSpec.Dns.NONE,
        List.of(),
        MachineSpec.Bandwidth.UNBOUNDED,
        Map.of(),
        Optional.empty(),
        1 << 20);
  }

  ContainerSpec container(char digit) {
    try {
      Path volume = Files.createDirectories(folder.resolve("volume"));
      return container(
          digit,
          List.of(
              new ContainerSpec.Mount(
                  new ContainerSpec.Mount.Source.HostPath(volume),
                  "/v",
                  ContainerSpec.Mount.Access.READ_ONLY,
                  false)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ContainerSpec container(char digit, List<ContainerSpec.Mount> its) {
    Path layer = write("layer", new byte[1024]);
    return new ContainerSpec(
        String.valueOf(digit).repeat(64),
        List.of(layer),
        false,
        new ContainerSpec.Program(
            List.of("sh"),
            List.of(),
            "/",
            ContainerSpec.User.OF_THE_IMAGE,
            false,
            false,
            ContainerSpec.Rights.NONE,
            List.of(),
            0),
        its,
        ContainerSpec.Resources.UNLIMITED,
        false,
        new ContainerSpec.PidNamespace.Own(),
        List.of(),
        List.of(),
        List.of());
  }

  void checkNothingLeaked() {
    host.checkNothingLeaked();
    network.checkNothingLeaked();
    mounts.checkNothingLeaked();
    try (Stream<Path> left = Files.list(folder.resolve("machines"))) {
      assertThat(left.map(path -> path.getFileName().toString())).containsExactly("lock");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    guests.close();
  }
}
