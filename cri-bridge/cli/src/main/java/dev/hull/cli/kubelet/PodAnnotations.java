package dev.hull.cli.kubelet;

/** What is noted on a sandbox for commands that have no more of its pod than CRI tells. */
public final class PodAnnotations {
  /** The pod's folder on the host. */
  public static final String FOLDER = "dev.hull.pod-folder";

  /** Seconds between SIGTERM and SIGKILL. */
  public static final String GRACE_SECONDS = "dev.hull.termination-grace-seconds";

  /** Names of the ordinary containers, in the manifest's order, with commas between. */
  public static final String CONTAINERS = "dev.hull.containers";

  /** The same of init containers and sidecars. */
  public static final String INIT_CONTAINERS = "dev.hull.init-containers";

  /** On an ImageSpec: the image is to be read from this OCI layout on the host. */
  public static final String OCI_LAYOUT = "dev.hull.oci-layout";

  private PodAnnotations() {}
}
