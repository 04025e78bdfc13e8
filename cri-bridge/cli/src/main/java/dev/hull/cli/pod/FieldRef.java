package dev.hull.cli.pod;

/**
 * A field of the pod that its containers may be told.
 *
 * @param key of a label or annotation; empty for the others, and for all labels or annotations
 */
public record FieldRef(Kind kind, String key) {
  /** The fields that Kubernetes' downward API knows. */
  public enum Kind {
    NAME,
    NAMESPACE,
    UID,
    LABEL,
    ANNOTATION,
    LABELS,
    ANNOTATIONS,
    NODE_NAME,
    SERVICE_ACCOUNT,
    HOST_IP,
    HOST_IPS,
    POD_IP,
    POD_IPS
  }
}
