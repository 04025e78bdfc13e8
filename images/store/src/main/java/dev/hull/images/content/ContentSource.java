package dev.hull.images.content;

import java.io.InputStream;

/**
 * Where one image's content comes from: a repository of a registry, or a layout on disk. What it
 * gives is not verified; that is for the caller. All methods block, may be called from several
 * threads, and throw {@link dev.hull.images.ImageException} with a message that says the reason and
 * the remedy; the caller puts the image's name in front.
 */
public interface ContentSource {
  /**
   * A manifest or an index, of at most {@link Document#LARGEST} bytes.
   *
   * @param version a digest or a tag
   */
  Document manifest(String version);

  /**
   * Content as it is stored, at most {@code descriptor.size()} bytes of it; the caller closes it.
   * Its {@code read} throws {@code ImageException} too, so that an {@code IOException} of whoever
   * reads it is about something else.
   */
  InputStream blob(Descriptor descriptor);
}
