package dev.hull.agent.container;

import dev.hull.agent.io.IoLoop;
import dev.hull.agent.io.OutputLine;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.process.Launcher;
import dev.hull.agent.process.NativeProcessCalls;
import dev.hull.agent.process.ProcessCalls;
import dev.hull.agent.process.ProcessesService;
import dev.hull.agent.process.Reaper;
import dev.hull.agent.stats.FileSystems;
import dev.hull.agent.stats.NativeFileSystems;
import dev.hull.agent.stats.StatsService;
import dev.hull.agent.users.IdMapping;
import dev.hull.agent.users.PodNetwork;
import dev.hull.agent.users.PodUsers;
import dev.hull.guest.v1.DiskAddress;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Everything about containers and processes, put together: its gRPC services, and the way to end
 * all containers. From its making on, it is the one that waits for children.
 */
public final class ContainerServices implements AutoCloseable {
  /** Where disks are found; the same as {@code dev.hull.agent.machine} has. */
  @FunctionalInterface
  public interface DiskFinder {
    /** The device file, {@code /dev/sdb}; waits for a disk that is still arriving. */
    Path await(DiskAddress address) throws IOException, TimeoutException;
  }

  /**
   * Where things are.
   *
   * @param run {@code /run/hull}
   * @param cgroups {@code /sys/fs/cgroup}, a mounted cgroup v2
   * @param launcher the native launcher
   * @param kernel where the kernel tells what it counts
   */
  public record Folders(Path run, Path cgroups, Path launcher, StatsService.Folders kernel) {}

  private final Reaper reaper;
  private final IoLoop loop;
  private final OutputLine line;
  private final Containers containers;
  private final StatsService stats;
  private final Replicas replicas;
  private final PodUsers users;
  private final PodNamespaces namespaces;

  /**
   * Makes the cgroups and starts two threads.
   *
   * @param outputPort a descriptor that does not block, of the port for output
   */
  public ContainerServices(
      Linux linux, Libc libc, PodNetwork network, DiskFinder disks, int outputPort, Folders folders)
      throws IOException {
    ProcessCalls calls = new NativeProcessCalls(libc);
    Cgroups cgroups = new Cgroups(folders.cgroups());
    cgroups.prepare();
    InstantSource clock = InstantSource.system();
    this.reaper = new Reaper(calls);
    this.loop = new IoLoop(linux.descriptors(), linux.transfers());
    this.line = new OutputLine(linux.descriptors(), linux.transfers(), loop, outputPort);
    loop.execute(() -> loop.watch(line));
    Launcher launcher =
        new Launcher(folders.launcher(), calls, linux.descriptors(), reaper, loop, clock, line);
    FileSystems fileSystems = new NativeFileSystems(libc);
    this.users = new PodUsers(launcher, linux, network, folders.kernel().proc());
    Layers layers =
        new Layers(disks::await, linux.mounts(), users::show, folders.run().resolve("layers"));
    this.namespaces = new PodNamespaces(launcher, linux.mounts(), cgroups, users, folders.run());
    RootFilesystems roots = new RootFilesystems(layers, linux.mounts(), users, folders.run());
    this.replicas = new Replicas(folders.run());
    this.containers =
        new Containers(
            new ContainerParts(
                launcher,
                linux.descriptors(),
                cgroups,
                roots,
                new Volumes(roots, replicas, disks::await, folders.run()),
                new ProcessPlan(users, folders.run()),
                new NativeRootFiles(libc, linux.descriptors()),
                fileSystems,
                namespaces,
                calls::kill,
                new OomScores(folders.kernel().proc()),
                clock));
    this.stats =
        new StatsService(
            containers,
            cgroups.pod(),
            folders.run().resolve("scratch"),
            fileSystems,
            network,
            folders.kernel());
  }

  Containers containers() {
    return containers;
  }

  OutputLine line() {
    return line;
  }

  StatsService stats() {
    return stats;
  }

  /**
   * Makes the pod's user namespace, before there are containers: what a rehearsed one has left for
   * those that come is made anew, for it would be another user's. Does nothing the second time.
   */
  public void beginUsers(IdMapping mapping) throws IOException {
    namespaces.unmountShm();
    users.begin(mapping);
  }

  public List<BindableService> services() {
    return List.of(
        new ContainersService(containers),
        new ProcessesService(containers, line),
        new ReplicasService(replicas),
        stats);
  }

  /**
   * Ends all containers for good: SIGTERM to each first process, SIGKILL to what is left after
   * {@code grace}; returns when they are gone and unmounted. Does nothing the second time.
   */
  public void stopContainers(Duration grace) {
    containers.stop(grace);
  }

  /** Kills all containers and ends the threads: for tests, the guest's agent never ends. */
  @Override
  public void close() {
    containers.stop(Duration.ZERO);
    users.close();
    loop.close();
    reaper.close();
  }
}
