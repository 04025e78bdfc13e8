package dev.hull.cli.manifest;

import dev.hull.cli.pod.FieldRef;
import dev.hull.cli.pod.FieldRef.Kind;
import dev.hull.cli.pod.ResourceRef;
import dev.hull.cri.kubernetes.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads references to the pod's own fields and its containers' amounts. */
final class DownwardParser {
  private static final Map<String, Kind> FIELDS =
      Map.ofEntries(
          Map.entry("metadata.name", Kind.NAME),
          Map.entry("metadata.namespace", Kind.NAMESPACE),
          Map.entry("metadata.uid", Kind.UID),
          Map.entry("metadata.labels", Kind.LABELS),
          Map.entry("metadata.annotations", Kind.ANNOTATIONS),
          Map.entry("spec.nodeName", Kind.NODE_NAME),
          Map.entry("spec.serviceAccountName", Kind.SERVICE_ACCOUNT),
          Map.entry("status.hostIP", Kind.HOST_IP),
          Map.entry("status.hostIPs", Kind.HOST_IPS),
          Map.entry("status.podIP", Kind.POD_IP),
          Map.entry("status.podIPs", Kind.POD_IPS));
  private static final Set<Kind> NOT_IN_VARIABLES = Set.of(Kind.LABELS, Kind.ANNOTATIONS);
  private static final Set<Kind> IN_FILES =
      Set.of(
          Kind.NAME,
          Kind.NAMESPACE,
          Kind.UID,
          Kind.LABELS,
          Kind.ANNOTATIONS,
          Kind.LABEL,
          Kind.ANNOTATION);
  private static final Pattern KEYED =
      Pattern.compile("metadata\\.(labels|annotations)\\['([^']+)'\\]");
  private static final Pattern RESOURCE =
      Pattern.compile("(limits|requests)\\.(cpu|memory|ephemeral-storage)");

  private DownwardParser() {}

  static Optional<FieldRef> field(Fields parent, boolean inFile) {
    return parent.mapping("fieldRef").flatMap(fields -> read(fields, inFile));
  }

  private static Optional<FieldRef> read(Fields fields, boolean inFile) {
    String path = fields.required("fieldPath");
    if (!fields.string("apiVersion").orElse("v1").equals("v1")) {
      fields.problem("apiVersion", ": must be v1");
    }
    fields.unused("apiVersion");
    fields.finish();
    Matcher keyed = KEYED.matcher(path);
    FieldRef found;
    if (keyed.matches()) {
      Kind kind = keyed.group(1).equals("labels") ? Kind.LABEL : Kind.ANNOTATION;
      found = new FieldRef(kind, keyed.group(2));
    } else {
      Kind kind = FIELDS.get(path);
      boolean allowed =
          kind != null && (inFile ? IN_FILES.contains(kind) : !NOT_IN_VARIABLES.contains(kind));
      if (kind == null || !allowed) {
        if (!path.isEmpty()) {
          fields.problem("fieldPath", ": " + path + " is no field that a container may be told");
        }
        return Optional.empty();
      }
      found = new FieldRef(kind, "");
    }
    return Optional.of(found);
  }

  static Optional<ResourceRef> resource(Fields parent, boolean inFile) {
    return parent.mapping("resourceFieldRef").flatMap(fields -> readResource(fields, inFile));
  }

  private static Optional<ResourceRef> readResource(Fields fields, boolean inFile) {
    String container = fields.string("containerName").orElse("");
    if (inFile && container.isEmpty()) {
      fields.problem("containerName", ": is missing");
    }
    String resource = fields.required("resource");
    Matcher matcher = RESOURCE.matcher(resource);
    if (!resource.isEmpty() && !matcher.matches()) {
      fields.problem(
          "resource",
          ": "
              + resource
              + " is none of limits. and requests.cpu, memory and"
              + " ephemeral-storage");
    }
    BigDecimal divisor = BigDecimal.ONE;
    Optional<String> text = fields.quantity("divisor");
    if (text.isPresent() && !text.get().equals("0")) {
      Optional<BigDecimal> parsed = Quantity.parse(text.get()).filter(d -> d.signum() > 0);
      if (parsed.isEmpty()) {
        fields.problem("divisor", ": " + text.get() + " is not a quantity such as 1m or 1Mi");
      }
      divisor = parsed.orElse(BigDecimal.ONE);
    }
    fields.finish();
    return resource.isEmpty() || !matcher.matches()
        ? Optional.empty()
        : Optional.of(
            new ResourceRef(
                container, matcher.group(1).equals("limits"), matcher.group(2), divisor));
  }
}
