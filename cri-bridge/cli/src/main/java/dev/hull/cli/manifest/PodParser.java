package dev.hull.cli.manifest;

import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Resources;
import dev.hull.cli.pod.Volume;
import dev.hull.cri.kubernetes.BandwidthAnnotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a Pod. */
final class PodParser {
  static final Map<String, Pod.RestartPolicy> RESTART_POLICIES =
      Map.of(
          "Always", Pod.RestartPolicy.ALWAYS,
          "OnFailure", Pod.RestartPolicy.ON_FAILURE,
          "Never", Pod.RestartPolicy.NEVER);

  /** A month: longer is a mistake, and overflows elsewhere. */
  static final long MOST_SECONDS = 30L * 24 * 3600;

  Optional<Pod> pod(Fields fields) {
    Metadata metadata = Metadata.of(fields);
    fields
        .mapping("metadata")
        .flatMap(written -> written.mapping("annotations"))
        .ifPresent(written -> bandwidth(metadata, written));
    Optional<Fields> spec = fields.mapping("spec");
    fields.unused("status");
    fields.finish();
    if (spec.isEmpty() && !fields.has("spec")) {
      fields.problem("spec", ": is missing");
    }
    return spec.map(s -> pod(metadata, s));
  }

  private static Pod pod(Metadata metadata, Fields spec) {
    VolumeParser volumeParser = new VolumeParser();
    List<Volume> volumes = volumeParser.volumes(spec);
    ContainerParser parser = new ContainerParser(volumes, volumeParser.names());
    Set<String> names = new HashSet<>();
    boolean hostUsers = spec.flag("hostUsers").orElse(true);
    List<Container> init = new ArrayList<>();
    for (Fields fields : spec.mappings("initContainers")) {
      init.add(checked(parser.init(fields), fields, names, hostUsers));
    }
    List<Container> containers = new ArrayList<>();
    List<Fields> ordinary = spec.mappings("containers");
    for (Fields fields : ordinary) {
      containers.add(checked(parser.ordinary(fields), fields, names, hostUsers));
    }
    if (ordinary.isEmpty()) {
      spec.problem("containers", ": a Pod needs at least one container");
    }
    spec.refuse(
        "ephemeralContainers", "they are added to a pod that runs; use hull debug POD --image I");
    Pod pod =
        new Pod(
            metadata.name(),
            metadata.namespace(),
            metadata.uid(),
            metadata.labels(),
            metadata.annotations(),
            init,
            containers,
            volumes,
            spec.choice("restartPolicy", RESTART_POLICIES, Pod.RestartPolicy.ALWAYS),
            Duration.ofSeconds(
                spec.integer("terminationGracePeriodSeconds", 0, MOST_SECONDS).orElse(30L)),
            spec.integer("activeDeadlineSeconds", 1, Integer.MAX_VALUE).map(Duration::ofSeconds),
            NamingParser.naming(spec),
            SecurityParser.pod(spec),
            spec.bool("shareProcessNamespace"),
            hostUsers,
            ResourcesParser.resources(spec, "resources"),
            new Resources(ResourcesParser.amounts(spec, "overhead"), Map.of()),
            pullSecrets(spec),
            account(spec));
    notInAMachine(spec);
    unused(spec);
    spec.finish();
    return pod;
  }

  /** They are the bridge's to honour; what is wrong is said here, with its line. */
  private static void bandwidth(Metadata metadata, Fields annotations) {
    for (BandwidthAnnotation annotation : BandwidthAnnotation.values()) {
      try {
        annotation.bitsPerSecond(metadata.annotations());
      } catch (IllegalArgumentException e) {
        annotations.problem(annotation.key(), ": " + e.getMessage());
      }
    }
  }

  private static Container checked(
      Container container, Fields fields, Set<String> names, boolean hostUsers) {
    Names.LABEL.check(fields, "name", container.name());
    if (hostUsers && container.security().unmaskedProc()) {
      fields
          .mapping("securityContext")
          .ifPresent(
              security ->
                  security.refuse(
                      "procMount", "Unmasked needs hostUsers: false, as on Kubernetes; set it"));
    }
    if (!container.name().isEmpty() && !names.add(container.name())) {
      fields.problem("name", ": " + container.name() + " is the name of two containers");
    }
    return container;
  }

  private static List<String> pullSecrets(Fields spec) {
    List<String> secrets = new ArrayList<>();
    for (Fields reference : spec.mappings("imagePullSecrets")) {
      secrets.add(reference.required("name"));
      reference.finish();
    }
    return secrets;
  }

  private static String account(Fields spec) {
    String name = spec.string("serviceAccountName").orElse("");
    String old = spec.string("serviceAccount").orElse("");
    if (!name.isEmpty() && !old.isEmpty() && !name.equals(old)) {
      spec.problem("serviceAccount", ": is the old name of serviceAccountName, and says another");
    }
    return name.isEmpty() ? old.isEmpty() ? "default" : old : name;
  }

  private static void notInAMachine(Fields spec) {
    spec.refuseTrue(
        "hostNetwork",
        "a pod is a machine, with a network of its own; leave it out, and reach the pod by hostPort");
    spec.refuseTrue(
        "hostPID", "a pod is a machine, which does not see the host's processes; leave it out");
    spec.refuseTrue(
        "hostIPC", "a pod is a machine, which shares no memory with the host's; leave it out");
    spec.mapping("os").ifPresent(PodParser::os);
    spec.refuse("readinessGates", "nobody here sets a pod's conditions; leave them out");
    spec.refuse("schedulingGates", "nobody here takes them away; leave them out");
    spec.refuse("resourceClaims", "there are no device drivers of a cluster here; leave them out");
    Optional<String> runtimeClass = spec.string("runtimeClassName");
    if (runtimeClass.isPresent() && !runtimeClass.get().equals("hull")) {
      spec.problem(
          "runtimeClassName",
          ": there is no " + runtimeClass.get() + "; every pod is a machine, so leave it out");
    } else {
      spec.unused("runtimeClassName");
    }
  }

  private static void os(Fields os) {
    String name = os.required("name");
    if (!name.isEmpty() && !name.equals("linux")) {
      os.problem("name", ": is refused: machines run Linux; leave it out");
    }
    os.finish();
  }

  /** What chooses a node, of which there is one; and what is about services and accounts. */
  private static void unused(Fields spec) {
    if (spec.has("os")) {
      spec.unused("os");
    }
    for (String name : List.of("hostNetwork", "hostPID", "hostIPC")) {
      spec.unused(name);
    }
    spec.unused(
        "automountServiceAccountToken",
        "enableServiceLinks",
        "nodeName",
        "nodeSelector",
        "preemptionPolicy",
        "priority",
        "priorityClassName",
        "schedulerName");
    spec.unused("affinity", Shape.AFFINITY);
    spec.unused("evictionResponders", Shape.EVICTION_RESPONDERS);
    spec.unused("schedulingGroup", Shape.SCHEDULING_GROUP);
    spec.unused("tolerations", Shape.TOLERATIONS);
    spec.unused("topologySpreadConstraints", Shape.SPREAD);
  }
}
