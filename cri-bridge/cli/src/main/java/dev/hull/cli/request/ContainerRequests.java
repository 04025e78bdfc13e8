package dev.hull.cli.request;

import com.google.protobuf.ByteString;
import dev.hull.cli.config.Amounts;
import dev.hull.cli.config.Environment;
import dev.hull.cli.config.Facts;
import dev.hull.cli.config.MissingException;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Container.Propagation;
import dev.hull.cli.pod.Container.RecursiveReadOnly;
import dev.hull.cli.pod.Container.VolumeMount;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import dev.hull.cli.volume.PodVolumes;
import dev.hull.cli.volume.SubPaths;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.KeyValue;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.MountPropagation;
import dev.hull.cri.v1.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The containers of one pod, one config for each start. */
public final class ContainerRequests {
  private static final int MESSAGE_MODE = 0666;
  private static final String HOSTS = "/etc/hosts";

  private final Pod pod;
  private final PodFolder folder;
  private final PodVolumes volumes;
  private final Objects objects;
  private final Mounts mounts;

  public ContainerRequests(
      Pod pod, PodFolder folder, PodVolumes volumes, Objects objects, Mounts mounts) {
    this.pod = pod;
    this.folder = folder;
    this.volumes = volumes;
    this.objects = objects;
    this.mounts = mounts;
  }

  /**
   * One start of a container, with what it has on the host: its logs, its last words.
   *
   * @param imageRef what PullImage or ImageStatus said the image is
   * @param images the same of the images that are volumes, by their names in the pod
   * @param targetId the container whose processes an ephemeral container sees
   */
  public ContainerConfig of(
      Container container,
      int attempt,
      Facts facts,
      String imageRef,
      Map<String, String> images,
      Optional<String> targetId)
      throws MissingException, IOException {
    folder.makeLogs(container.name());
    Environment environment = Environment.of(pod, container, facts, objects);
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder()
            .setMetadata(
                ContainerMetadata.newBuilder().setName(container.name()).setAttempt(attempt))
            .setImage(
                ImageSpec.newBuilder().setImage(imageRef).setUserSpecifiedImage(container.image()))
            .addAllCommand(environment.expand(container.command()))
            .addAllArgs(environment.expand(container.args()))
            .setWorkingDir(container.workingDir())
            .setLogPath(container.name() + "/" + attempt + ".log")
            .putAllLabels(Labels.of(pod, facts.uid()))
            .putLabels(Labels.CONTAINER_NAME, container.name())
            .setStdin(container.input().stdin())
            .setStdinOnce(container.input().once())
            .setTty(container.input().tty())
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(Amounts.container(pod, container, facts.hostMemory()))
                    .setSecurityContext(SecurityContexts.container(pod, container, targetId)));
    if (!container.ports().isEmpty()) {
      config.putAnnotations(Labels.CONTAINER_PORTS, Labels.ports(container));
    }
    container
        .lifecycle()
        .stopSignal()
        .ifPresent(signal -> config.setStopSignal(signal(container, signal)));
    environment
        .variables()
        .forEach(
            (name, value) ->
                config.addEnvs(
                    KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value))));
    for (int i = 0; i < container.mounts().size(); i++) {
      config.addMounts(mount(container, i, environment, images));
    }
    addOwnFiles(config, container, attempt);
    return config.build();
  }

  private Mount mount(
      Container container, int index, Environment environment, Map<String, String> images)
      throws IOException {
    VolumeMount mount = container.mounts().get(index);
    Volume volume =
        pod.volumes().stream()
            .filter(candidate -> candidate.name().equals(mount.volume()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no volume named " + mount.volume()));
    Mount.Builder made =
        Mount.newBuilder()
            .setContainerPath(mount.mountPath())
            .setReadonly(mount.readOnly())
            // If possible: a mount below a volume is there only where mounts cross at all.
            .setRecursiveReadOnly(mount.recursiveReadOnly() == RecursiveReadOnly.ENABLED)
            .setPropagation(
                mount.propagation() == Propagation.HOST_TO_CONTAINER
                    ? MountPropagation.PROPAGATION_HOST_TO_CONTAINER
                    : MountPropagation.PROPAGATION_PRIVATE);
    String part = mount.expanded() ? environment.expand(mount.subPath()) : mount.subPath();
    if (volume instanceof Volume.OfImage image) {
      return made.setImage(
              ImageSpec.newBuilder()
                  .setImage(images.getOrDefault(image.reference(), image.reference()))
                  .setUserSpecifiedImage(image.reference()))
          .setImageSubPath(part)
          .build();
    }
    Path source = volumes.source(volume).orElseThrow();
    if (!part.isEmpty()) {
      Path target = folder.subPath(container.name(), index);
      if (!mounts.below(folder.path()).contains(target)) {
        new SubPaths(mounts).mount(source, part, target);
      }
      source = target;
    }
    return ofHost(made, source).build();
  }

  /** Files of a pod with users of its own belong to those, as its containers see them. */
  private Mount.Builder ofHost(Mount.Builder mount, Path source) {
    mount.setHostPath(source.toString());
    SecurityContexts.users(pod)
        .ifPresent(mapping -> mount.addUidMappings(mapping).addGidMappings(mapping));
    return mount;
  }

  /** The hosts file and the file for last words, unless something else is mounted there. */
  private void addOwnFiles(ContainerConfig.Builder config, Container container, int attempt)
      throws IOException {
    if (isFree(config, HOSTS) && Files.exists(folder.hosts())) {
      config.addMounts(ofHost(Mount.newBuilder().setContainerPath(HOSTS), folder.hosts()));
    }
    String path = container.terminationMessage().path();
    if (isFree(config, path)) {
      Path message = folder.message(container.name(), attempt);
      Files.createDirectories(message.getParent());
      if (!Files.exists(message)) {
        Files.createFile(message);
      }
      Files.setAttribute(message, "unix:mode", MESSAGE_MODE);
      config.addMounts(ofHost(Mount.newBuilder().setContainerPath(path), message));
    }
  }

  private static boolean isFree(ContainerConfig.Builder config, String path) {
    return config.getMountsList().stream()
        .noneMatch(mount -> Path.of(mount.getContainerPath()).equals(Path.of(path)));
  }

  private static Signal signal(Container container, String name) {
    try {
      return Signal.valueOf("SIGNAL_" + name.replace("+", "PLUS").replace("-", "MINUS"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "container " + container.name() + ": there is no signal " + name, e);
    }
  }
}
