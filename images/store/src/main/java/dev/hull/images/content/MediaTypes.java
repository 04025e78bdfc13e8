package dev.hull.images.content;

import java.util.Set;

/** Media types of the OCI image specification and of Docker's schema 2. */
public final class MediaTypes {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /** What a registry is asked for. */
  public static final String ACCEPTED =
      String.join(", ", OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST);

  private static final Set<String> CONFIGS =
      Set.of(
          "application/vnd.oci.image.config.v1+json",
          "application/vnd.docker.container.image.v1+json");
  private static final Set<String> LAYERS =
      Set.of(
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.oci.image.layer.v1.tar+zstd",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.docker.image.rootfs.diff.tar.zstd");

  private MediaTypes() {}

  static boolean isManifest(String type) {
    return type.equals(OCI_MANIFEST) || type.equals(DOCKER_MANIFEST);
  }

  static boolean isIndex(String type) {
    return type.equals(OCI_INDEX) || type.equals(DOCKER_LIST);
  }

  static boolean isConfig(String type) {
    return CONFIGS.contains(type);
  }

  static boolean isLayer(String type) {
    return LAYERS.contains(type);
  }

  /** Layers that a registry does not have: they are to be fetched from some address. */
  static boolean isForeignLayer(String type) {
    return type.startsWith("application/vnd.docker.image.rootfs.foreign.")
        || type.startsWith("application/vnd.oci.image.layer.nondistributable.");
  }

  static boolean isSchema1(String type) {
    return type.startsWith("application/vnd.docker.distribution.manifest.v1+");
  }
}
