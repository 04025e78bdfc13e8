package dev.hull.cli.pod;

import dev.hull.cli.pod.ManifestException.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads a manifest as a {@link Pod}. It is strict: an unknown field, a wrong type, and a field that
 * Kubernetes has but Hull does not yet support are each named with file, line and path; nothing is
 * ignored.
 */
public final class ManifestParser {
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9]{0,62}");

  /** A month: longer is a mistake, and overflows elsewhere. */
  private static final long MOST_GRACE_SECONDS = 30L * 24 * 3600;

  private final String file;
  private final List<Problem> problems = new ArrayList<>();

  private ManifestParser(String file) {
    this.file = file;
  }

  /**
   * Reads {@code text}.
   *
   * @param file what the problems call it, for example {@code pod.yaml}
   * @throws ManifestException with every problem found
   */
  public static Pod parse(String file, String text) throws ManifestException {
    Node root = new YamlReader(file).read(text);
    ManifestParser parser = new ManifestParser(file);
    Optional<Pod> pod = parser.document(root);
    if (pod.isPresent() && parser.problems.isEmpty()) {
      return pod.get();
    }
    parser.problems.sort(Comparator.comparingInt(Problem::line));
    throw new ManifestException(file, parser.problems);
  }

  private Optional<Pod> document(Node root) {
    if (!(root instanceof Node.Mapping mapping)) {
      problems.add(
          new Problem(root.line(), "is not a Pod: expected a mapping, found " + root.kind()));
      return Optional.empty();
    }
    Fields fields = new Fields("", mapping, problems);
    String kind = fields.required("kind");
    String version = fields.required("apiVersion");
    if (!kind.isEmpty() && !kind.equals("Pod")) {
      fields.problem("kind", ": " + kind + " is not supported; Hull runs Pods");
      return Optional.empty();
    }
    if (!version.isEmpty() && !version.equals("v1")) {
      fields.problem("apiVersion", ": must be v1 for a Pod, not " + version);
    }
    Optional<Fields> metadata = fields.mapping("metadata");
    Optional<Fields> spec = fields.mapping("spec");
    fields.refuseUnlessEmpty(Set.of("status"));
    fields.finish();
    if (metadata.isEmpty() && !fields.has("metadata")) {
      fields.problem("metadata", ": is missing");
    }
    if (spec.isEmpty() && !fields.has("spec")) {
      fields.problem("spec", ": is missing");
    }
    return metadata.flatMap(m -> spec.map(s -> pod(m, s)));
  }

  private Pod pod(Fields metadata, Fields spec) {
    String name = metadata.required("name");
    check(metadata, "name", name, SUBDOMAIN, 253);
    String namespace = metadata.string("namespace").orElse("default");
    check(metadata, "namespace", namespace, LABEL, 63);
    Optional<String> uid = metadata.string("uid");
    if (uid.isPresent() && !UID.matcher(uid.get()).matches()) {
      metadata.problem("uid", ": must be letters, digits and dashes, at most 63, such as a UUID");
    }
    var labels = metadata.stringMap("labels");
    var annotations = metadata.stringMap("annotations");
    metadata.refuse(KubernetesFields.METADATA);
    metadata.finish();

    VolumeParser volumeParser = new VolumeParser();
    List<Pod.Volume> volumes = volumeParser.volumes(spec);
    Set<String> volumeNames = new HashSet<>(volumeParser.names());
    List<Pod.Container> containers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<Fields> containerFields = spec.mappings("containers");
    ContainerParser containerParser = new ContainerParser(volumeNames);
    for (Fields fields : containerFields) {
      Pod.Container container = containerParser.container(fields);
      check(fields, "name", container.name(), LABEL, 63);
      if (!container.name().isEmpty() && !names.add(container.name())) {
        fields.problem("name", ": " + container.name() + " is the name of two containers");
      }
      containers.add(container);
    }
    if (containerFields.isEmpty()) {
      spec.problem("containers", ": a Pod needs at least one container");
    }
    restartPolicy(spec);
    dnsPolicy(spec);
    long grace = spec.integer("terminationGracePeriodSeconds", 0, MOST_GRACE_SECONDS).orElse(30L);
    spec.refuse(KubernetesFields.SPEC);
    spec.refuseUnlessEmpty(KubernetesFields.OFTEN_EMPTY);
    spec.finish();
    return new Pod(
        name, namespace, uid, labels, annotations, containers, volumes, Duration.ofSeconds(grace));
  }

  private static void restartPolicy(Fields spec) {
    Optional<String> policy = spec.string("restartPolicy");
    if (policy.isEmpty()) {
      if (!spec.has("restartPolicy")) {
        spec.problem(
            "restartPolicy",
            ": its default, Always, is not supported yet; write restartPolicy: Never");
      }
    } else if (policy.get().equals("Always") || policy.get().equals("OnFailure")) {
      spec.problem("restartPolicy", ": " + policy.get() + " is not supported yet; only Never is");
    } else if (!policy.get().equals("Never")) {
      spec.problem("restartPolicy", ": must be Never, not " + policy.get());
    }
  }

  /** Without a cluster's DNS, ClusterFirst means what Default means: the host's resolver. */
  private static void dnsPolicy(Fields spec) {
    Optional<String> policy = spec.string("dnsPolicy");
    if (policy.isPresent() && !Set.of("ClusterFirst", "Default").contains(policy.get())) {
      spec.problem("dnsPolicy", ": " + policy.get() + " is not supported yet");
    }
  }

  static void check(Fields fields, String field, String value, Pattern pattern, int most) {
    if (!value.isEmpty() && (value.length() > most || !pattern.matcher(value).matches())) {
      fields.problem(
          field,
          ": must be lower-case letters, digits and dashes"
              + (pattern == SUBDOMAIN ? " and dots" : "")
              + ", begin and end with a letter or digit, and have at most "
              + most
              + " characters");
    }
  }

  static Pattern label() {
    return LABEL;
  }

  @Override
  public String toString() {
    return "ManifestParser[" + file + "]";
  }
}
