package dev.hull.cli.pod;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads one of {@code spec.containers}. */
final class ContainerParser {
  /** Kubernetes takes every printable ASCII character but the equals sign. */
  private static final Pattern VARIABLE = Pattern.compile("[\\x20-\\x3c\\x3e-\\x7e]+");

  private final Set<String> volumeNames;
  private final Set<String> hostPorts = new HashSet<>();

  ContainerParser(Set<String> volumeNames) {
    this.volumeNames = volumeNames;
  }

  Pod.Container container(Fields fields) {
    String name = fields.required("name");
    String image = fields.required("image");
    if (image.chars().anyMatch(Character::isWhitespace)) {
      fields.problem("image", ": must not contain spaces");
    }
    Pod.PullPolicy pullPolicy = pullPolicy(fields, image);
    Map<String, String> variables = new HashMap<>();
    List<Pod.Variable> env = env(fields, variables);
    List<String> command = expand(fields.strings("command"), variables);
    List<String> args = expand(fields.strings("args"), variables);
    String workingDir = fields.string("workingDir").orElse("");
    if (!workingDir.isEmpty() && !workingDir.startsWith("/")) {
      fields.problem("workingDir", ": must be absolute, not " + workingDir);
    }
    List<Pod.Port> ports = ports(fields);
    List<Pod.VolumeMount> mounts = mounts(fields);
    fields.refuse(KubernetesFields.CONTAINER);
    fields.refuseUnlessEmpty(KubernetesFields.OFTEN_EMPTY);
    fields.finish();
    return new Pod.Container(
        name, image, pullPolicy, command, args, workingDir, env, ports, mounts);
  }

  /** Kubernetes' default: Always for {@code :latest} and for an image without tag and digest. */
  private static Pod.PullPolicy pullPolicy(Fields fields, String image) {
    Optional<String> policy = fields.string("imagePullPolicy");
    String last = image.substring(image.lastIndexOf('/') + 1);
    boolean latest = !image.contains("@") && (!last.contains(":") || last.endsWith(":latest"));
    return switch (policy.orElse("")) {
      case "" -> latest ? Pod.PullPolicy.ALWAYS : Pod.PullPolicy.IF_NOT_PRESENT;
      case "Always" -> Pod.PullPolicy.ALWAYS;
      case "IfNotPresent" -> Pod.PullPolicy.IF_NOT_PRESENT;
      case "Never" -> Pod.PullPolicy.NEVER;
      default -> {
        fields.problem(
            "imagePullPolicy", ": must be Always, IfNotPresent or Never, not " + policy.orElse(""));
        yield Pod.PullPolicy.IF_NOT_PRESENT;
      }
    };
  }

  private static List<Pod.Variable> env(Fields container, Map<String, String> variables) {
    List<Pod.Variable> env = new ArrayList<>();
    for (Fields fields : container.mappings("env")) {
      String name = fields.required("name");
      if (!name.isEmpty() && !VARIABLE.matcher(name).matches()) {
        fields.problem("name", ": must be printable ASCII without an equals sign");
      }
      String value = Expansion.expand(fields.string("value").orElse(""), variables);
      fields.refuse(Set.of("valueFrom"));
      fields.finish();
      variables.put(name, value);
      env.add(new Pod.Variable(name, value));
    }
    return env;
  }

  private List<Pod.Port> ports(Fields container) {
    List<Pod.Port> ports = new ArrayList<>();
    for (Fields fields : container.mappings("ports")) {
      String name = fields.string("name").orElse("");
      ManifestParser.check(fields, "name", name, ManifestParser.label(), 15);
      Optional<Long> containerPort = fields.integer("containerPort", 1, 65535);
      if (containerPort.isEmpty() && !fields.has("containerPort")) {
        fields.problem("containerPort", ": is missing");
      }
      long hostPort = fields.integer("hostPort", 0, 65535).orElse(0L);
      String hostIp = fields.string("hostIP").orElse("");
      Pod.Port.Protocol protocol =
          switch (fields.string("protocol").orElse("TCP")) {
            case "TCP" -> Pod.Port.Protocol.TCP;
            case "UDP" -> Pod.Port.Protocol.UDP;
            case "SCTP" -> Pod.Port.Protocol.SCTP;
            default -> {
              fields.problem("protocol", ": must be TCP, UDP or SCTP");
              yield Pod.Port.Protocol.TCP;
            }
          };
      if (hostPort != 0 && !hostPorts.add(protocol + " " + hostIp + " " + hostPort)) {
        fields.problem("hostPort", ": " + hostPort + " is taken by another port of the Pod");
      }
      fields.finish();
      ports.add(
          new Pod.Port(
              name, containerPort.orElse(0L).intValue(), (int) hostPort, hostIp, protocol));
    }
    return ports;
  }

  private List<Pod.VolumeMount> mounts(Fields container) {
    List<Pod.VolumeMount> mounts = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (Fields fields : container.mappings("volumeMounts")) {
      String volume = fields.required("name");
      if (!volume.isEmpty() && !volumeNames.contains(volume)) {
        fields.problem("name", ": spec.volumes has no volume named " + volume);
      }
      String path = fields.required("mountPath");
      if (!path.isEmpty() && !path.startsWith("/")) {
        fields.problem("mountPath", ": must be absolute, not " + path);
      } else if (!path.isEmpty() && !paths.add(path)) {
        fields.problem("mountPath", ": " + path + " is the place of two mounts");
      }
      boolean readOnly = fields.bool("readOnly");
      fields.refuse(KubernetesFields.VOLUME_MOUNT);
      fields.finish();
      mounts.add(new Pod.VolumeMount(volume, path, readOnly));
    }
    return mounts;
  }

  private static List<String> expand(List<String> words, Map<String, String> variables) {
    return words.stream().map(word -> Expansion.expand(word, variables)).toList();
  }
}
