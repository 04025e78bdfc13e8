package dev.hull.cli.manifest;

import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Container.Input;
import dev.hull.cli.pod.Container.Port;
import dev.hull.cli.pod.Container.Probes;
import dev.hull.cli.pod.Container.Propagation;
import dev.hull.cli.pod.Container.PullPolicy;
import dev.hull.cli.pod.Container.RecursiveReadOnly;
import dev.hull.cli.pod.Container.RestartRule;
import dev.hull.cli.pod.Container.TerminationMessage;
import dev.hull.cli.pod.Container.VolumeMount;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a container of any kind. */
final class ContainerParser {
  private static final List<String> NOT_EPHEMERAL =
      List.of(
          "lifecycle",
          "livenessProbe",
          "ports",
          "readinessProbe",
          "resizePolicy",
          "resources",
          "restartPolicy",
          "restartPolicyRules",
          "startupProbe");

  private final List<Volume> volumes;
  private final Set<String> volumeNames;
  private final Set<String> hostPorts = new HashSet<>();

  ContainerParser(List<Volume> volumes, Set<String> volumeNames) {
    this.volumes = volumes;
    this.volumeNames = volumeNames;
  }

  /** Only a sidecar may have probes and hooks, for the others are waited for. */
  Container init(Fields fields) {
    Container container = ordinary(fields);
    if (!container.isSidecar()) {
      for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")) {
        if (fields.has(name)) {
          fields.problem(
              name, ": is not for an init container, unless its restartPolicy is Always");
        }
      }
    }
    return container;
  }

  Container ordinary(Fields fields) {
    return container(fields, Optional.empty());
  }

  /** One that is added to a pod that runs: nobody counts on it, and nothing can be made anew. */
  Container ephemeral(Fields fields) {
    for (String name : NOT_EPHEMERAL) {
      if (fields.has(name)) {
        fields.problem(name, ": cannot be set for an Ephemeral Container");
      }
    }
    return container(fields, fields.string("targetContainerName"));
  }

  private Container container(Fields fields, Optional<String> target) {
    String name = fields.required("name");
    String image = fields.required("image");
    if (image.chars().anyMatch(Character::isWhitespace)) {
      fields.problem("image", ": must not contain spaces");
    }
    String workingDir = fields.string("workingDir").orElse("");
    if (!workingDir.isEmpty() && !workingDir.startsWith("/")) {
      fields.problem("workingDir", ": must be absolute, not " + workingDir);
    }
    Optional<Pod.RestartPolicy> restart =
        fields.has("restartPolicy")
            ? Optional.of(
                fields.choice(
                    "restartPolicy", PodParser.RESTART_POLICIES, Pod.RestartPolicy.ALWAYS))
            : Optional.empty();
    Container container =
        new Container(
            name,
            image,
            pullPolicy(fields, "imagePullPolicy", image),
            fields.strings("command"),
            fields.strings("args"),
            workingDir,
            EnvironmentParser.env(fields),
            EnvironmentParser.envFrom(fields),
            ports(fields),
            mounts(fields),
            ResourcesParser.resources(fields, "resources"),
            new Probes(
                ActionParser.probe(fields, "startupProbe"),
                ActionParser.probe(fields, "livenessProbe"),
                ActionParser.probe(fields, "readinessProbe")),
            ActionParser.lifecycle(fields),
            SecurityParser.container(fields),
            restart,
            restartRules(fields),
            terminationMessage(fields),
            new Input(fields.bool("stdin"), fields.bool("stdinOnce"), fields.bool("tty")),
            target);
    // Nothing here resizes a container that runs.
    fields.unused("resizePolicy", Shape.RESIZE_POLICY);
    fields.refuse(
        "volumeDevices", "a claim is a folder here, not a disk; mount it by volumeMounts");
    fields.finish();
    return container;
  }

  /** Kubernetes' default: Always for {@code :latest} and for an image without tag and digest. */
  static PullPolicy pullPolicy(Fields fields, String name, String image) {
    String last = image.substring(image.lastIndexOf('/') + 1);
    boolean latest = !image.contains("@") && (!last.contains(":") || last.endsWith(":latest"));
    return fields.choice(
        name,
        Map.of(
            "Always", PullPolicy.ALWAYS,
            "IfNotPresent", PullPolicy.IF_NOT_PRESENT,
            "Never", PullPolicy.NEVER),
        latest ? PullPolicy.ALWAYS : PullPolicy.IF_NOT_PRESENT);
  }

  private static List<RestartRule> restartRules(Fields container) {
    List<RestartRule> rules = new ArrayList<>();
    for (Fields rule : container.mappings("restartPolicyRules")) {
      String action = rule.required("action");
      if (!action.isEmpty() && !action.equals("Restart")) {
        rule.problem("action", ": must be Restart, not " + action);
      }
      Optional<Fields> codes = rule.mapping("exitCodes");
      if (codes.isEmpty()) {
        rule.problem("exitCodes", ": is missing");
      } else {
        boolean in = codes.get().choice("operator", Map.of("In", true, "NotIn", false), true);
        List<Integer> values =
            codes.get().integers("values", 0, 255).stream().map(Long::intValue).toList();
        codes.get().finish();
        rules.add(new RestartRule(in, values));
      }
      rule.finish();
    }
    if (!rules.isEmpty() && !container.has("restartPolicy")) {
      container.problem("restartPolicyRules", ": need a restartPolicy of the container itself");
    }
    return rules;
  }

  private static TerminationMessage terminationMessage(Fields fields) {
    String path = fields.string("terminationMessagePath").orElse(TerminationMessage.DEFAULT.path());
    if (!path.startsWith("/")) {
      fields.problem("terminationMessagePath", ": must be absolute, not " + path);
    }
    return new TerminationMessage(
        path,
        fields.choice(
            "terminationMessagePolicy",
            Map.of("File", false, "FallbackToLogsOnError", true),
            false));
  }

  private List<Port> ports(Fields container) {
    List<Port> ports = new ArrayList<>();
    for (Fields fields : container.mappings("ports")) {
      String name = fields.matching("name", Names.PORT);
      Optional<Integer> containerPort = fields.small("containerPort", 1, 65535);
      if (containerPort.isEmpty() && !fields.has("containerPort")) {
        fields.problem("containerPort", ": is missing");
      }
      int hostPort = fields.small("hostPort", 0, 65535).orElse(0);
      String hostIp = fields.string("hostIP").orElse("");
      Port.Protocol protocol =
          fields.choice(
              "protocol",
              Map.of(
                  "TCP", Port.Protocol.TCP, "UDP", Port.Protocol.UDP, "SCTP", Port.Protocol.SCTP),
              Port.Protocol.TCP);
      if (hostPort != 0 && !hostPorts.add(protocol + " " + hostIp + " " + hostPort)) {
        fields.problem("hostPort", ": " + hostPort + " is taken by another port of the Pod");
      }
      fields.finish();
      ports.add(new Port(name, containerPort.orElse(0), hostPort, hostIp, protocol));
    }
    return ports;
  }

  private List<VolumeMount> mounts(Fields container) {
    List<VolumeMount> mounts = new ArrayList<>();
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
      mounts.add(mount(fields, volume, path));
      fields.finish();
    }
    return mounts;
  }

  private VolumeMount mount(Fields fields, String volume, String path) {
    boolean readOnly = fields.bool("readOnly");
    RecursiveReadOnly recursive =
        fields.choice(
            "recursiveReadOnly",
            Map.of(
                "Disabled", RecursiveReadOnly.DISABLED,
                "IfPossible", RecursiveReadOnly.IF_POSSIBLE,
                "Enabled", RecursiveReadOnly.ENABLED),
            RecursiveReadOnly.DISABLED);
    if (recursive != RecursiveReadOnly.DISABLED && !readOnly) {
      fields.problem("recursiveReadOnly", ": needs readOnly: true");
    }
    Propagation propagation =
        fields.choice(
            "mountPropagation",
            Map.of(
                "None", Propagation.NONE,
                "HostToContainer", Propagation.HOST_TO_CONTAINER,
                "Bidirectional", Propagation.BIDIRECTIONAL),
            Propagation.NONE);
    if (propagation == Propagation.BIDIRECTIONAL) {
      fields.problem(
          "mountPropagation",
          ": is refused: what a machine mounts cannot appear on the host; use HostToContainer");
    }
    String subPath = fields.string("subPath").orElse("");
    String expression = fields.string("subPathExpr").orElse("");
    if (!subPath.isEmpty() && !expression.isEmpty()) {
      fields.problem("subPathExpr", ": and subPath exclude each other");
    }
    for (String part : List.of(subPath, expression)) {
      if (part.startsWith("/") || VolumeParser.hasDots(part)) {
        fields.problem("subPath", ": must be relative, and must not contain ..");
      }
    }
    fields.refuse("bindMountOptions", "options of mounts are not passed on yet; leave them out");
    boolean isReadOnly =
        volumes.stream()
            .anyMatch(candidate -> candidate.name().equals(volume) && candidate.alwaysReadOnly());
    return new VolumeMount(
        volume,
        path,
        readOnly || isReadOnly,
        recursive,
        subPath.isEmpty() ? expression : subPath,
        !expression.isEmpty(),
        propagation);
  }
}
