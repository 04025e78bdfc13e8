package dev.hull.cli.kubelet;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.terminal.ContainerOutput;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.DNSConfig;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.StartContainerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Starts one Pod: its folder, its images, its sandbox, and then its containers one after another in
 * the order of the manifest. What a failing start has acquired is released before it returns.
 */
public final class PodRun {
  private final Cri cri;
  private final ImagePuller puller;
  private final Time time;
  private final Timeline timeline;
  private final Consumer<String> complaints;

  /**
   * Acquires nothing yet.
   *
   * @param complaints hears, a sentence each, what could not be undone
   */
  public PodRun(
      Cri cri, ImagePuller puller, Time time, Timeline timeline, Consumer<String> complaints) {
    this.cri = cri;
    this.puller = puller;
    this.time = time;
    this.timeline = timeline;
    this.complaints = complaints;
  }

  /** Where a pod's things are, and how it resolves names. */
  public record Place(Path root, Mounts mounts, DNSConfig dns) {}

  /**
   * Returns when every container has been started.
   *
   * @param output gets what the containers print, from the moment each is started
   * @throws PodException if something failed; a {@link dev.hull.cli.cri.CriException} likewise
   */
  public RunningPod start(Pod pod, Place place, ContainerOutput output, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    String uid = pod.uid().orElseGet(() -> UUID.randomUUID().toString());
    PodFolder folder = PodFolder.of(place.root(), uid, place.mounts());
    Undo undo = new Undo(complaints);
    boolean started = false;
    try {
      Map<String, String> images = images(pod, stop);
      folder.prepare(pod);
      undo.add("remove " + folder.path(), folder::remove);
      stop.check();
      PodSandboxConfig config = PodRequests.sandbox(pod, uid, folder, place.dns());
      String id = sandbox(config);
      RunningPod running = new RunningPod(cri, time, id, pod, folder, undo);
      undo.add("remove the pod " + id, () -> new Sandboxes(cri).remove(id));
      undo.add("stop the pod " + id, running::stopNow);
      for (Pod.Container container : pod.containers()) {
        stop.check();
        String image = images.getOrDefault(container.image(), container.image());
        ContainerConfig wanted = PodRequests.container(pod, uid, container, image, folder);
        running.add(container.name(), create(id, wanted, config), output);
      }
      started = true;
      return running;
    } catch (IOException e) {
      throw new PodException("cannot prepare the pod " + pod.name() + ": " + e.getMessage(), e);
    } finally {
      if (!started) {
        undo.close();
      }
    }
  }

  private Map<String, String> images(Pod pod, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    Map<String, String> references = new HashMap<>();
    for (Pod.Container container : pod.containers()) {
      if (!references.containsKey(container.image())) {
        String reference = puller.ensure(container.image(), container.pullPolicy(), stop);
        references.put(container.image(), reference);
      }
    }
    return references;
  }

  private String sandbox(PodSandboxConfig config) {
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
    return timeline.measure(
        Timeline.SANDBOX,
        () -> cri.runtime(Cri.SLOW, stub -> stub.runPodSandbox(request)).getPodSandboxId());
  }

  private String create(String sandboxId, ContainerConfig config, PodSandboxConfig sandbox) {
    String name = config.getMetadata().getName();
    CreateContainerRequest create =
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandboxId)
            .setConfig(config)
            .setSandboxConfig(sandbox)
            .build();
    String id =
        timeline.measure(
            "container " + name + " created",
            () -> cri.runtime(Cri.SLOW, stub -> stub.createContainer(create)).getContainerId());
    StartContainerRequest start = StartContainerRequest.newBuilder().setContainerId(id).build();
    var _ =
        timeline.measure(
            "container " + name + " started",
            () -> cri.runtime(Cri.SLOW, stub -> stub.startContainer(start)));
    return id;
  }

  /** The names of a pod's containers, for the prefixes of what they print. */
  public static List<String> names(Pod pod) {
    return pod.containers().stream().map(Pod.Container::name).toList();
  }
}
