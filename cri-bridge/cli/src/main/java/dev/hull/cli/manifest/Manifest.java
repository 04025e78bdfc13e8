package dev.hull.cli.manifest;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a file says.
 *
 * @param unused the paths of fields that are right, but have no effect on one node
 */
public record Manifest(List<Document> documents, List<String> unused) {
  private static final Map<String, String> VERSIONS =
      Map.of("Pod", "v1", "ConfigMap", "v1", "Secret", "v1", "PersistentVolumeClaim", "v1");

  public Manifest {
    documents = List.copyOf(documents);
    unused = List.copyOf(unused);
  }

  /**
   * Reads {@code text}, YAML of any number of documents or JSON. It is strict: an unknown field, a
   * wrong type and a field that cannot be meant here are each named with file, line and path.
   *
   * @param file what the problems call it, for example {@code pod.yaml}
   * @throws ManifestException with every problem found
   */
  public static Manifest parse(String file, String text) throws ManifestException {
    return parse(file, text, Optional.empty());
  }

  /**
   * As {@link #parse(String, String)}.
   *
   * @param namespace of documents that do not say theirs; one that says another is a problem
   */
  public static Manifest parse(String file, String text, Optional<String> namespace)
      throws ManifestException {
    Findings findings = new Findings();
    List<Document> documents = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    List<Node> roots = new YamlReader(file).read(text);
    if (roots.isEmpty()) {
      findings.problem(1, "is empty; a Pod manifest is expected");
    }
    for (Node root : roots) {
      for (Node item : items(root, findings)) {
        int before = documents.size();
        read(
            namespace.isPresent() ? placed(item, namespace.get(), findings) : item,
            findings,
            documents);
        for (Document document : documents.subList(before, documents.size())) {
          String name = document.kind() + " " + document.namespace() + "/" + document.name();
          if (!seen.add(name)) {
            findings.problem(item.line(), "metadata.name: " + name + " is here twice");
          }
        }
      }
    }
    if (findings.hasProblems()) {
      throw findings.exception(file);
    }
    return new Manifest(documents, findings.unused());
  }

  /** Several manifests as one. */
  public static Manifest of(List<Manifest> parts) {
    return new Manifest(
        parts.stream().flatMap(part -> part.documents.stream()).toList(),
        parts.stream().flatMap(part -> part.unused.stream()).distinct().toList());
  }

  /** The items of a List, which is what kubectl prints of several; else the document itself. */
  private static List<Node> items(Node root, Findings findings) {
    if (root instanceof Node.Mapping mapping
        && mapping.entries().get("kind") instanceof Node.Entry(int _, Node.Scalar kind)
        && kind.text().equals("List")) {
      if (mapping.entries().get("items") instanceof Node.Entry(int _, Node.Sequence items)) {
        return items.items();
      }
      findings.problem(root.line(), "items: a List needs a list of items");
      return List.of();
    }
    return List.of(root);
  }

  /** The document with its namespace in it, as if it had been written. */
  private static Node placed(Node root, String namespace, Findings findings) {
    if (!(root instanceof Node.Mapping(int line, Map<String, Node.Entry> entries))
        || !(entries.get("metadata") instanceof Node.Entry(int at, Node.Mapping metadata))) {
      return root;
    }
    Node.Entry written = metadata.entries().get("namespace");
    if (written != null && !written.value().isNull()) {
      if (!(written.value() instanceof Node.Scalar scalar && scalar.text().equals(namespace))) {
        findings.problem(
            written.line(),
            "metadata.namespace: is not the namespace of the command line, which is "
                + namespace
                + "; they must agree, or one be left out");
      }
      return root;
    }
    Map<String, Node.Entry> named = new LinkedHashMap<>(metadata.entries());
    named.put(
        "namespace", new Node.Entry(at, new Node.Scalar(at, Node.Scalar.Type.STRING, namespace)));
    Map<String, Node.Entry> all = new LinkedHashMap<>(entries);
    all.put("metadata", new Node.Entry(at, new Node.Mapping(metadata.line(), named)));
    return new Node.Mapping(line, all);
  }

  private static void read(Node root, Findings findings, List<Document> documents) {
    if (!(root instanceof Node.Mapping mapping)) {
      findings.problem(root.line(), "is not a Pod: expected a mapping, found " + root.kind());
      return;
    }
    Fields fields = new Fields("", mapping, findings);
    String kind = fields.required("kind");
    String version = fields.required("apiVersion");
    if (kind.isEmpty()) {
      return;
    }
    String expected = VERSIONS.get(kind);
    if (expected == null) {
      fields.problem(
          "kind",
          ": "
              + kind
              + " is not supported; Hull runs Pods, with ConfigMaps, Secrets and"
              + " PersistentVolumeClaims");
      return;
    }
    if (!version.isEmpty() && !version.equals(expected)) {
      fields.problem("apiVersion", ": must be v1 for a " + kind + ", not " + version);
    }
    Optional<JsonObject> copied = Document.json(root);
    if (copied.isEmpty()) {
      findings.problem(
          root.line(), "has more than " + Document.MOST_VALUES + " values, with its aliases");
      return;
    }
    JsonObject source = copied.get();
    switch (kind) {
      case "Pod" ->
          new PodParser().pod(fields).ifPresent(p -> documents.add(new Document.OfPod(p, source)));
      case "ConfigMap" ->
          documents.add(new Document.OfConfigMap(DataParser.configMap(fields), source));
      case "Secret" -> documents.add(new Document.OfSecret(DataParser.secret(fields), source));
      default -> documents.add(new Document.OfClaim(ClaimParser.claim(fields), source));
    }
  }
}
