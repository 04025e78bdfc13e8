package dev.hull.images.archive;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.ContentSource;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.Document;
import dev.hull.images.content.Fields;
import dev.hull.images.content.Manifest;
import dev.hull.images.content.ManifestReader;
import dev.hull.images.content.MediaTypes;
import dev.hull.images.content.SourceStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An OCI image layout, version 1: a folder, or a tar file of one. */
public final class Layout implements ContentSource, AutoCloseable {
  private static final String INDEX = "index.json";

  private final Path path;
  private final LayoutFiles files;

  private Layout(Path path, LayoutFiles files) {
    this.path = path;
    this.files = files;
  }

  /**
   * Opens a layout; the caller closes it.
   *
   * @throws ImageException NOT_FOUND if nothing is there, INVALID if it is no layout
   */
  public static Layout open(Path path) {
    if (!Files.exists(path)) {
      throw new ImageException(Kind.NOT_FOUND, "there is no such file or folder");
    }
    LayoutFiles files;
    try {
      files = Files.isDirectory(path) ? new FolderFiles(path) : new TarFiles(path);
    } catch (IOException | IllegalArgumentException e) {
      throw new ImageException(
          Kind.INVALID,
          "it is neither a folder nor a tar file (a compressed one wants to be uncompressed"
              + " first): "
              + e.getMessage(),
          e);
    }
    Layout layout = new Layout(path, files);
    try {
      layout.checkVersion();
      return layout;
    } catch (ImageException e) {
      layout.close();
      throw e;
    }
  }

  private void checkVersion() {
    Fields marker = Fields.parse(read("oci-layout").bytes(), "oci-layout");
    String version = marker.string("imageLayoutVersion");
    if (!version.startsWith("1.")) {
      throw new ImageException(
          Kind.INVALID, "it is an OCI layout of another version than 1: '" + version + "'");
    }
  }

  /** What its index lists, in its order. */
  public List<Descriptor> images() {
    Document index = read(INDEX);
    if (ManifestReader.read(new Document(index.bytes(), MediaTypes.OCI_INDEX))
        instanceof Manifest.Index list) {
      return list.manifests();
    }
    throw new ImageException(Kind.INVALID, "its index.json is no image index");
  }

  @Override
  public Document manifest(String version) {
    return read(blobPath(new Digest(version)));
  }

  @Override
  public InputStream blob(Descriptor descriptor) {
    LayoutFiles.Found found = find(blobPath(descriptor.digest()));
    InputStream content = new SourceStream(found.content(), this::unreadable);
    if (found.size() != descriptor.size()) {
      try (content) {
        throw new ImageException(
            Kind.CORRUPT,
            descriptor.digest()
                + " has "
                + found.size()
                + " bytes where its manifest says "
                + descriptor.size()
                + "; make the layout afresh");
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
    return content;
  }

  private static String blobPath(Digest digest) {
    return "blobs/sha256/" + digest.hex();
  }

  private Document read(String file) {
    LayoutFiles.Found found = find(file);
    try (InputStream content = found.content()) {
      byte[] bytes = content.readNBytes(Document.LARGEST + 1);
      if (bytes.length > Document.LARGEST) {
        throw new ImageException(
            Kind.INVALID, file + " has more than " + Document.LARGEST + " bytes");
      }
      return new Document(bytes, "");
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private LayoutFiles.Found find(String file) {
    try {
      return files
          .find(file)
          .orElseThrow(
              () ->
                  new ImageException(
                      Kind.INVALID,
                      "it is no complete OCI layout: "
                          + file
                          + " is missing; an archive of Docker's own format (docker save before 25,"
                          + " podman save) is made one by: skopeo copy docker-archive:FILE"
                          + " oci-archive:NEW"));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private ImageException unreadable(IOException e) {
    return new ImageException(Kind.UNAVAILABLE, path + " cannot be read: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
