package dev.hull.cli.pod;

/** An environment variable, and where its value comes from. */
public record Variable(String name, Source source) {
  /** Where a value comes from. */
  public sealed interface Source {
    /** As written; {@code $(NAME)} of an earlier variable is expanded. */
    record Text(String text) implements Source {}

    /** A key of a ConfigMap. */
    record ConfigMapKey(String configMap, String key, boolean optional) implements Source {}

    /** A key of a Secret. */
    record SecretKey(String secret, String key, boolean optional) implements Source {}

    /** A field of the pod: {@code metadata.name}, … */
    record Field(FieldRef field) implements Source {}

    /** An amount that a container has. */
    record Resource(ResourceRef resource) implements Source {}
  }
}
