package dev.hull.cli.manifest;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The names of fields that have no effect, and of those in them: a misspelt one is told all the
 * same.
 */
final class Shape {
  /** Anything at all. */
  static final Shape ANY = new Shape(Map.of());

  private static final Shape SELECTOR_TERM = of("key operator values");
  private static final Shape LABEL_SELECTOR =
      of("matchLabels", ANY, "matchExpressions", SELECTOR_TERM);
  private static final Shape NODE_TERM =
      of("matchExpressions", SELECTOR_TERM, "matchFields", SELECTOR_TERM);
  private static final Shape POD_TERM =
      of("topologyKey namespaces matchLabelKeys mismatchLabelKeys")
          .and("labelSelector", LABEL_SELECTOR)
          .and("namespaceSelector", LABEL_SELECTOR);
  private static final Shape POD_AFFINITY =
      of(
          "preferredDuringSchedulingIgnoredDuringExecution",
          of("weight").and("podAffinityTerm", POD_TERM),
          "requiredDuringSchedulingIgnoredDuringExecution",
          POD_TERM);

  static final Shape AFFINITY =
      of(
              "nodeAffinity",
              of(
                  "preferredDuringSchedulingIgnoredDuringExecution",
                  of("weight").and("preference", NODE_TERM),
                  "requiredDuringSchedulingIgnoredDuringExecution",
                  of("nodeSelectorTerms", NODE_TERM)))
          .and("podAffinity", POD_AFFINITY)
          .and("podAntiAffinity", POD_AFFINITY);
  static final Shape TOLERATIONS = of("effect key operator tolerationSeconds value");
  static final Shape SPREAD =
      of("matchLabelKeys maxSkew minDomains nodeAffinityPolicy nodeTaintsPolicy topologyKey")
          .and("whenUnsatisfiable", ANY)
          .and("labelSelector", LABEL_SELECTOR);
  static final Shape RESIZE_POLICY = of("resourceName restartPolicy");
  static final Shape EVICTION_RESPONDERS = of("name priority");
  static final Shape SCHEDULING_GROUP = of("podGroupName");
  static final Shape MANAGED_FIELDS =
      of("apiVersion fieldsType fieldsV1 manager operation subresource time");
  static final Shape OWNERS = of("apiVersion blockOwnerDeletion controller kind name uid");

  private final Map<String, Shape> fields;

  private Shape(Map<String, Shape> fields) {
    this.fields = fields;
  }

  private static Shape of(String names) {
    Map<String, Shape> fields = new LinkedHashMap<>();
    for (String name : names.split(" ", -1)) {
      fields.put(name, ANY);
    }
    return new Shape(fields);
  }

  private static Shape of(String name, Shape shape) {
    return new Shape(Map.of(name, shape));
  }

  private static Shape of(String first, Shape firstShape, String second, Shape secondShape) {
    return of(first, firstShape).and(second, secondShape);
  }

  private Shape and(String name, Shape shape) {
    Map<String, Shape> more = new LinkedHashMap<>(fields);
    more.put(name, shape);
    return new Shape(more);
  }

  /** Notes what is in a field and does not belong there; the field itself may be a list of such. */
  void check(Fields parent, String name) {
    if (fields.isEmpty()) {
      return;
    }
    for (Fields one : parent.oneOrMore(name)) {
      fields.forEach(
          (field, shape) -> {
            one.known(field);
            if (one.has(field)) {
              shape.check(one, field);
            }
          });
      one.finish();
    }
  }
}
