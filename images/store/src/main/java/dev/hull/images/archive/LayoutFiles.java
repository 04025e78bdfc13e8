package dev.hull.images.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The files of a layout, by their paths in it: a folder's, or a tar file's. */
interface LayoutFiles extends AutoCloseable {
  record Found(long size, InputStream content) {}

  /** A regular file; the caller closes its content. */
  Optional<Found> find(String path) throws IOException;

  @Override
  void close() throws IOException;
}
