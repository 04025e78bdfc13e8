package dev.hull.cli.manifest;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What every document says about itself. */
record Metadata(
    String name,
    String namespace,
    Optional<String> uid,
    Map<String, String> labels,
    Map<String, String> annotations) {
  private static final Pattern LABEL_KEY =
      Pattern.compile("([-a-zA-Z0-9.]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("|[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

  private static final Metadata NONE =
      new Metadata("", "default", Optional.empty(), Map.of(), Map.of());

  /** Of a document, whose metadata must be there. */
  static Metadata of(Fields document) {
    Optional<Fields> metadata = document.mapping("metadata");
    if (metadata.isEmpty() && !document.has("metadata")) {
      document.problem("metadata", ": is missing");
    }
    return metadata.map(Metadata::read).orElse(NONE);
  }

  private static Metadata read(Fields fields) {
    String name = fields.required("name");
    Names.SUBDOMAIN.check(fields, "name", name);
    String namespace = fields.string("namespace").orElse("default");
    Names.LABEL.check(fields, "namespace", namespace);
    Optional<String> uid = fields.string("uid");
    uid.ifPresent(value -> Names.UID.check(fields, "uid", value));
    Map<String, String> labels = fields.stringMap("labels");
    labels.forEach(
        (key, value) -> {
          if (!LABEL_KEY.matcher(key).matches()) {
            fields.problem("labels", ": " + key + " is no name of a label");
          } else if (!LABEL_VALUE.matcher(value).matches()) {
            fields.problem("labels", "." + key + ": " + value + " is no value of a label");
          }
        });
    Map<String, String> annotations = fields.stringMap("annotations");
    fields.refuse("generateName", "a pod is found by its name; write metadata.name");
    // What a server writes: people paste it from kubectl get -o yaml.
    fields.unused(
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "resourceVersion",
        "selfLink");
    fields.unused("managedFields", Shape.MANAGED_FIELDS);
    fields.unused("ownerReferences", Shape.OWNERS);
    fields.refuse("finalizers", "no controller is here to take them away; leave them out");
    fields.finish();
    return new Metadata(name, namespace, uid, labels, annotations);
  }
}
