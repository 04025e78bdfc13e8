package dev.hull.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The images of one root folder. All methods block, may be called from any thread, and throw {@link
 * ImageException}.
 */
public interface Images {
  /**
   * Makes the image present and returns it. Content that is already here is not fetched again; two
   * pulls of the same content at once do the work once. A pull that fails or is killed leaves
   * nothing visible, and the next one goes on from whole layers.
   *
   * @param reference as a Docker user writes it: {@code nginx}, {@code nginx:1.25}, {@code
   *     ghcr.io/a/b@sha256:…}
   */
  Image pull(String reference, Credentials credentials, Progress progress);

  /**
   * Reads images from an OCI layout (a folder, or a tar file of one) and returns them in its order.
   * An image without the annotation {@code org.opencontainers.image.ref.name} wants {@code name}.
   */
  List<Image> load(Path layout, Optional<String> name, Progress progress);

  List<Image> list();

  /** By reference, by id, or by a prefix of the id's digits that is unique. */
  Optional<Image> find(String referenceOrId);

  /**
   * Removes one name of an image, or with an id all of them; with the last name go the layers that
   * no other image has. Does nothing if it is not here. IN_USE while {@link #pin pinned} and it is
   * the last name.
   */
  void remove(String referenceOrId);

  /**
   * Keeps the image's layers until {@code owner} is unpinned; remembered across restarts.
   * Idempotent.
   */
  void pin(Digest imageId, String owner);

  void unpin(String owner);

  /** What the store takes of its file system. */
  Usage usage();

  /** Bytes and inodes, and the folder they are in. */
  record Usage(Path folder, long bytes, long inodes) {}

  /** Who asks. {@link #NONE} lets the store use what its configuration says for the registry. */
  record Credentials(String username, String password, String identityToken, String registryToken) {
    public static final Credentials NONE = new Credentials("", "", "", "");

    /** Without the secrets. */
    @Override
    public String toString() {
      return this.equals(NONE) ? "Credentials[none]" : "Credentials[" + username + "]";
    }
  }

  /** Is told how a pull gets on; called from several threads. */
  interface Progress {
    Progress SILENT = new Progress() {};

    /**
     * {@code totalBytes} is what will be transferred for this layer; 0 if the layer is already
     * here.
     */
    default void layerFound(Digest layer, long totalBytes) {}

    default void layerAdvanced(Digest layer, long transferredBytes) {}

    default void layerDone(Digest layer) {}
  }
}
