package dev.hull.cri.bridge.daemon;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.hull.cri.bridge.call.CallInterceptor;
import dev.hull.cri.bridge.container.AttachCall;
import dev.hull.cri.bridge.container.ContainerSpecs;
import dev.hull.cri.bridge.container.ContainerStatusCall;
import dev.hull.cri.bridge.container.CreateContainerCall;
import dev.hull.cri.bridge.container.ExecCall;
import dev.hull.cri.bridge.container.ExecSyncCall;
import dev.hull.cri.bridge.container.ListContainersCall;
import dev.hull.cri.bridge.container.RemoveContainerCall;
import dev.hull.cri.bridge.container.ReopenContainerLogCall;
import dev.hull.cri.bridge.container.StartContainerCall;
import dev.hull.cri.bridge.container.StopContainerCall;
import dev.hull.cri.bridge.container.StreamContainersCall;
import dev.hull.cri.bridge.events.ContainerEvents;
import dev.hull.cri.bridge.image.ImageFsInfoCall;
import dev.hull.cri.bridge.image.ImageStatusCall;
import dev.hull.cri.bridge.image.ListImagesCall;
import dev.hull.cri.bridge.image.PullImageCall;
import dev.hull.cri.bridge.image.RemoveImageCall;
import dev.hull.cri.bridge.image.StreamImagesCall;
import dev.hull.cri.bridge.image.Transfers;
import dev.hull.cri.bridge.metrics.ListMetricDescriptorsCall;
import dev.hull.cri.bridge.metrics.ListPodSandboxMetricsCall;
import dev.hull.cri.bridge.metrics.PodMetrics;
import dev.hull.cri.bridge.metrics.StreamPodSandboxMetricsCall;
import dev.hull.cri.bridge.prometheus.DaemonMetrics;
import dev.hull.cri.bridge.resources.PodSizes;
import dev.hull.cri.bridge.resources.UpdateContainerResourcesCall;
import dev.hull.cri.bridge.resources.UpdatePodSandboxResourcesCall;
import dev.hull.cri.bridge.runtime.Readiness;
import dev.hull.cri.bridge.runtime.RuntimeConfigCall;
import dev.hull.cri.bridge.runtime.StatusCall;
import dev.hull.cri.bridge.runtime.UpdateRuntimeConfigCall;
import dev.hull.cri.bridge.runtime.VersionCall;
import dev.hull.cri.bridge.sandbox.HostDns;
import dev.hull.cri.bridge.sandbox.ListPodSandboxCall;
import dev.hull.cri.bridge.sandbox.PodSandboxStatusCall;
import dev.hull.cri.bridge.sandbox.PortForwardCall;
import dev.hull.cri.bridge.sandbox.RemovePodSandboxCall;
import dev.hull.cri.bridge.sandbox.RunPodSandboxCall;
import dev.hull.cri.bridge.sandbox.SandboxSpecs;
import dev.hull.cri.bridge.sandbox.StopPodSandboxCall;
import dev.hull.cri.bridge.sandbox.StreamPodSandboxesCall;
import dev.hull.cri.bridge.seccomp.SeccompProfiles;
import dev.hull.cri.bridge.service.ImageEndpoint;
import dev.hull.cri.bridge.service.RuntimeEndpoint;
import dev.hull.cri.bridge.session.StreamUrls;
import dev.hull.cri.bridge.session.Tickets;
import dev.hull.cri.bridge.stats.ContainerStatsCall;
import dev.hull.cri.bridge.stats.ContainerUsages;
import dev.hull.cri.bridge.stats.CpuRates;
import dev.hull.cri.bridge.stats.ListContainerStatsCall;
import dev.hull.cri.bridge.stats.ListPodSandboxStatsCall;
import dev.hull.cri.bridge.stats.PodSandboxStatsCall;
import dev.hull.cri.bridge.stats.Samples;
import dev.hull.cri.bridge.stats.SandboxUsages;
import dev.hull.cri.bridge.stats.StreamContainerStatsCall;
import dev.hull.cri.bridge.stats.StreamPodSandboxStatsCall;
import dev.hull.cri.bridge.stats.UsageViews;
import dev.hull.cri.bridge.store.Adoption;
import dev.hull.cri.bridge.store.ContainerFolders;
import dev.hull.cri.bridge.store.Names;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.streaming.StreamingLimits;
import dev.hull.cri.bridge.streaming.StreamingServer;
import dev.hull.images.Images;
import dev.hull.vm.Machines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The bridge: given {@link Machines} and {@link Images}, everything that answers CRI. */
final class BridgeModule extends AbstractModule {
  private final Path root;
  private final Settings settings;
  private final Readiness readiness;
  private final int hostCpus;
  private final boolean standing;

  BridgeModule(Path root, Settings settings, Readiness readiness, int hostCpus, boolean standing) {
    this.root = root;
    this.settings = settings;
    this.readiness = readiness;
    this.hostCpus = hostCpus;
    this.standing = standing;
  }

  @Override
  protected void configure() {
    bind(Clock.class).toInstance(Clock.systemUTC());
    bind(StreamingLimits.class).toInstance(StreamingLimits.DEFAULT);
    bind(HullDaemon.MetricsAddress.class)
        .toInstance(new HullDaemon.MetricsAddress(settings.metrics()));
    bind(RandomGenerator.class).toInstance(new SecureRandom());
  }

  @Provides
  @Singleton
  DaemonMetrics metrics(Machines machines, Images images) {
    return new DaemonMetrics(machines, images);
  }

  @Provides
  @Singleton
  CallInterceptor interceptor(DaemonMetrics metrics) {
    return new CallInterceptor(System::nanoTime, metrics);
  }

  @Provides
  @Singleton
  ContainerFolders folders(Images images) {
    return new ContainerFolders(root.resolve("containers"), images);
  }

  @Provides
  @Singleton
  Pods pods(ContainerFolders folders, Clock clock) {
    return new Pods(folders, new Names(), clock);
  }

  @Provides
  @Singleton
  ContainerEvents events(Pods pods, Clock clock) {
    return new ContainerEvents(pods, clock);
  }

  @Provides
  Preparation preparation(Machines machines) {
    return new Preparation(
        machines, standing ? Optional.of(settings.standby(hostCpus)) : Optional.empty());
  }

  @Provides
  Adoption adoption(Machines machines, Pods pods, ContainerFolders folders) {
    return new Adoption(machines, pods, folders);
  }

  @Provides
  @Singleton
  StreamingServer streaming(
      Pods pods, StreamingLimits limits, RandomGenerator random, Clock clock) {
    return new StreamingServer(new Tickets(pods, random, clock), limits);
  }

  @Provides
  StreamUrls urls(StreamingServer streaming) {
    return streaming;
  }

  @Provides
  @Singleton
  RuntimeEndpoint runtime(
      RuntimeEndpoint.RuntimeCalls runtime,
      RuntimeEndpoint.SandboxCalls sandbox,
      RuntimeEndpoint.ContainerCalls container,
      RuntimeEndpoint.StatsCalls stats,
      ContainerEvents events) {
    return new RuntimeEndpoint(runtime, sandbox, container, stats, events);
  }

  @Provides
  RuntimeEndpoint.RuntimeCalls runtimeCalls(Machines machines) {
    return new RuntimeEndpoint.RuntimeCalls(
        new VersionCall(),
        new StatusCall(readiness, settings.shown(), machines::spares),
        new RuntimeConfigCall(Path.of("/run/systemd/system")),
        new UpdateRuntimeConfigCall());
  }

  @Provides
  RuntimeEndpoint.SandboxCalls sandboxCalls(
      Machines machines, Pods pods, StreamUrls urls, DaemonMetrics metrics, Clock clock) {
    SandboxSpecs specs =
        new SandboxSpecs(
            sizes(),
            settings.sandboxDefaults(hostCpus).scratchBytes(),
            new HostDns(Path.of("/etc/resolv.conf")));
    return new RuntimeEndpoint.SandboxCalls(
        new RunPodSandboxCall(machines, pods, specs, metrics, clock),
        new StopPodSandboxCall(pods),
        new RemovePodSandboxCall(pods),
        new PodSandboxStatusCall(pods, clock),
        new ListPodSandboxCall(pods),
        new StreamPodSandboxesCall(pods),
        new PortForwardCall(pods, urls),
        new UpdatePodSandboxResourcesCall(pods, sizes()));
  }

  @Provides
  RuntimeEndpoint.ContainerCalls containerCalls(
      Pods pods,
      Images images,
      ContainerFolders folders,
      StreamUrls urls,
      RandomGenerator random,
      Clock clock) {
    ContainerSpecs specs =
        new ContainerSpecs(
            Files.isDirectory(Path.of("/sys/fs/selinux")), images, new SeccompProfiles());
    return new RuntimeEndpoint.ContainerCalls(
        new CreateContainerCall(pods, images, folders, specs, random, clock),
        new StartContainerCall(pods, clock),
        new StopContainerCall(pods),
        new RemoveContainerCall(pods),
        new ListContainersCall(pods),
        new StreamContainersCall(pods),
        new ContainerStatusCall(pods),
        new ExecSyncCall(pods),
        new ReopenContainerLogCall(pods),
        new ExecCall(pods, urls),
        new AttachCall(pods, urls),
        new UpdateContainerResourcesCall(pods, sizes()));
  }

  private PodSizes sizes() {
    return new PodSizes(settings.sandboxDefaults(hostCpus));
  }

  @Provides
  RuntimeEndpoint.StatsCalls statsCalls(Pods pods) {
    Samples samples = new Samples(Samples.DEADLINE);
    UsageViews views = new UsageViews(new CpuRates(), root.resolve("machines"));
    ContainerUsages containers = new ContainerUsages(pods, samples, views);
    SandboxUsages sandboxes = new SandboxUsages(pods, samples, views);
    PodMetrics metrics = new PodMetrics(pods, samples);
    return new RuntimeEndpoint.StatsCalls(
        new ContainerStatsCall(pods, samples, views),
        new ListContainerStatsCall(containers),
        new StreamContainerStatsCall(containers),
        new PodSandboxStatsCall(pods, samples, views),
        new ListPodSandboxStatsCall(sandboxes),
        new StreamPodSandboxStatsCall(sandboxes),
        new ListMetricDescriptorsCall(),
        new ListPodSandboxMetricsCall(metrics),
        new StreamPodSandboxMetricsCall(metrics));
  }

  @Provides
  @Singleton
  ImageEndpoint images(Images images, Clock clock) {
    Transfers transfers = new Transfers();
    return new ImageEndpoint(
        new ImageEndpoint.ImageCalls(
            new ListImagesCall(images),
            new StreamImagesCall(images),
            new ImageStatusCall(images, transfers),
            new PullImageCall(images, transfers),
            new RemoveImageCall(images),
            new ImageFsInfoCall(images, clock)));
  }
}
