package dev.hull.images.erofs;

import java.io.IOException;

/** The data needs more blocks than EROFS can number: 16 TiB. */
public final class ImageTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  ImageTooLargeException() {
    super("an EROFS image cannot be larger than 16 TiB");
  }
}
