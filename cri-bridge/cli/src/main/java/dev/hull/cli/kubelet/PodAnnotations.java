package dev.hull.cli.kubelet;

/** What {@code hull run} notes on a sandbox, for {@code hull rm} and {@code hull logs}. */
public final class PodAnnotations {
  /** The pod's folder on the host. */
  public static final String FOLDER = "dev.hull.pod-folder";

  /** Seconds between SIGTERM and SIGKILL. */
  public static final String GRACE_SECONDS = "dev.hull.termination-grace-seconds";

  /** On an ImageSpec: the image is to be read from this OCI layout on the host. */
  public static final String OCI_LAYOUT = "dev.hull.oci-layout";

  private PodAnnotations() {}
}
